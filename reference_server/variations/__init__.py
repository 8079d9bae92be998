"""Legal differences, one file each: what another sound server may do otherwise. They break no clause."""
