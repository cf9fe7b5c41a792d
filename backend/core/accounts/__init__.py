"""What a sign-in is: sessions, the devices they are on, and how often one may try."""
