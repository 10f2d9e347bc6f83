"""What several pages share: tiles, tables, figures, pickers."""
