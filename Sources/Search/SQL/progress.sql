SELECT format, until FROM search.state
