"""What users do to one document and to one group: encrypt, decrypt, set, rekey, rotate, explain."""
