"""A stateful fake of a Salesforce org: its objects, SOQL, collections, composite calls, jobs and log of deletions."""
