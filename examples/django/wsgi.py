"""`examples.django.wsgi:application`, for any WSGI server started in the project's folder."""

import os

from examples.django.tofa_django import create_app

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examples.django.settings")
application = create_app()
application.tofa.start()
