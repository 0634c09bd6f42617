"""The canonical form of documents, and edits of their text. Decides nothing about what documents mean."""
