print("linernotes")
