# The runner in a container: installed from the lock, run as nobody, all that it writes under /data.
#
#   docker build -t sendcloud-support-tickets .
#   docker run --rm -v sendcloud-data:/data --env-file keys.env sendcloud-support-tickets sync --json
#
# keys.env names variables as in README.md, Configuration. Nothing secret is in the image.
FROM python:3.13-slim-bookworm AS build
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-input \
        --no-deps --require-hashes -r requirements.lock \
    && .venv/bin/python -m pip check

FROM python:3.13-slim-bookworm
COPY --from=build /app/.venv /app/.venv
COPY .dlt/config.toml /app/.dlt/config.toml
COPY sources /app/sources
COPY answers /app/answers
COPY simulator /app/simulator
COPY transform /app/transform
COPY pipelines /app/pipelines
RUN mkdir /data && chown 65534:65534 /data
ENV PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DLT_PROJECT_DIR=/app \
    DLT_DATA_DIR=/data/dlt \
    XDG_DATA_HOME=/data \
    HOME=/data
USER 65534:65534
WORKDIR /data
VOLUME /data
ENTRYPOINT ["/app/.venv/bin/python", "-m", "pipelines"]
CMD ["status"]
