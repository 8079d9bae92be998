"""The renderers: a run record in, text or a document out. They measure nothing."""
