"""Meta: its notifications, its Graph API, and the leads that no notification has brought."""
