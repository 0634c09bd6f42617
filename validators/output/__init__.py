"""How findings are shown: text, JSON and other formats. Judges nothing."""
