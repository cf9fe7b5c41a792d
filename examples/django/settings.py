"""The settings of a minimal Django site with the API behind its urls."""

ROOT_URLCONF = "examples.django.urls"
WSGI_APPLICATION = "examples.django.wsgi.application"
# The API accepts any Host header, as on the other servers.
ALLOWED_HOSTS = ["*"]
# For the site only: the API uses the zone in its own settings.
TIME_ZONE = "UTC"
# Not used until the site has sessions or forms.
SECRET_KEY = ""
