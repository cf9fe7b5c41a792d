"use strict";

SwaggerUIBundle({
  // Relative to the page's own address, which may have a path prefix.
  url: new URL("openapi.json", document.baseURI).href,
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  // Without this, Swagger UI sends the document's address to another host.
  validatorUrl: null,
});
