"""The forms of an id: as stored, as shown to the social dialect, and the cursor of a catch-up."""
