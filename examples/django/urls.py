"""The site's own URLs. All other requests go to the API."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"Django is here too, at {request.path}", content_type="text/plain")


urlpatterns = [path("hello/", hello)]
