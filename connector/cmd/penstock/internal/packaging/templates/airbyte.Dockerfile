# The image {{.Image}} of the connector {{.Name.ID}} for Airbyte.
#
# penstock package wrote this file from Airbyte's documentation. It did not build or
# run an image.

# The base has a shell, which Airbyte uses to start the connector.
FROM alpine:3.22

# BuildKit sets TARGETARCH to the architecture of the image, such as amd64.
ARG TARGETARCH

# ca-certificates is for TLS. tzdata is for connectors that load a time zone. Airbyte
# runs the connector as the user airbyte, who must be able to write to /airbyte.
RUN apk add --no-cache ca-certificates tzdata \
    && adduser -D -u 1000 airbyte \
    && mkdir -p /airbyte \
    && chown airbyte:airbyte /airbyte

COPY linux/${TARGETARCH}/{{.Source}} /airbyte/connector

USER airbyte
WORKDIR /airbyte

# Airbyte reads the variable. It must hold the command line of the entrypoint.
ENV AIRBYTE_ENTRYPOINT="/airbyte/connector airbyte"
ENTRYPOINT ["/airbyte/connector","airbyte"]

# The labels hold the repository and the tag of the image.
LABEL io.airbyte.name="{{.Image.Repository}}"
LABEL io.airbyte.version="{{.Image.Tag}}"
