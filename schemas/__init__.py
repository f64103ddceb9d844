"""What crosses a boundary: messages, events, postings, content, decisions and the topics that carry them."""
