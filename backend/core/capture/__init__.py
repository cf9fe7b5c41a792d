"""What comes in from outside is kept before it is understood, and understood until it is a lead."""
