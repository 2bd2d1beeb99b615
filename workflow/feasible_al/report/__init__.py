"""The report page of a run; its templates, style sheet and captions are in ``report/`` of the checkout."""
