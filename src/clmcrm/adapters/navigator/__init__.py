"""DocuSign Navigator (also Agreement Manager): agreements and everything it read in them, as contracts; read only."""
