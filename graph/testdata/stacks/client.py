"""Prints the answer to a GET of Python's urllib, with an address whose parts were joined with a slash too many."""
import sys
import urllib.parse
import urllib.request

url, key = sys.argv[1:]
query = urllib.parse.urlencode({"query": "{ integration { client { name } } }", "variables": "null"})
request = urllib.request.Request(url.replace("/graphql", "//graphql") + "?" + query, headers={"Authorization": "Bearer " + key})
print(urllib.request.urlopen(request).read().decode())
