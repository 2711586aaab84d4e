SELECT format, until FROM linernotes_search.state
