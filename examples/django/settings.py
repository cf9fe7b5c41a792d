"""The settings of a Django site that has the API behind its urls, and nothing switched on."""

ROOT_URLCONF = "examples.django.urls"
WSGI_APPLICATION = "examples.django.wsgi.application"
# The API answers whatever the Host header says, as on the other servers.
ALLOWED_HOSTS = ["*"]
# Of the site alone: the API has the zone of its own settings.
TIME_ZONE = "UTC"
# Signs nothing until the site has sessions or forms of its own.
SECRET_KEY = ""
