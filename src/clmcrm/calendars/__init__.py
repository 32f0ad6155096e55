"""Days and rules about days: business days, schedules, and the legal computation of time.

Everything takes its calendar as an argument; nothing assumes Monday to Friday without saying so.
"""
