"""What there is to see in the images themselves: statistics, likeness, maps, twins and odd ones."""
