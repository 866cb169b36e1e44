"""Pure decisions about leads: standard library only, no files, no clocks, no environment."""
