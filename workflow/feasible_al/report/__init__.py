"""The page of a run; its templates, style and captions are in the checkout's own ``report/``."""
