"""Intake: what comes from outside is stored first, then becomes a lead.

`webhook` and `flat_form` store what is posted as `deliveries`, `processing` turns those that are
due into leads: `parsing` says what a delivery holds, `outcomes` what becomes of it. `meta` talks
to Meta.
"""
