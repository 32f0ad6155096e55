"""An invented company with its accounts, sales and contracts: to try everything on before one's own data."""
