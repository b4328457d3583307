"""What the site's pages are made of: facts about the checks, computed when the site is built, and the Markdown made of them."""
