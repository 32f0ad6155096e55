"""DocuSign: eSignature 2.1 as the service that collects signatures, Navigator as a source of agreements."""
