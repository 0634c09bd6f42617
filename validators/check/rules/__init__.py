"""The tool's rules: a module for each rule or close family, with its pages and its check. No runner looks at them."""
