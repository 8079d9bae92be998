"""The AG-UI protocol: what a run is asked, what it tells, and in which order."""
