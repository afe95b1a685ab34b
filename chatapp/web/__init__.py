"""What browsers load: pages, scripts and styles, with the policies under which they run."""
