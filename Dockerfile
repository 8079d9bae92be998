# Pulsegate in a container: docker run --rm --network host pulsegate gate --target http://127.0.0.1:8000
FROM python:3.12-slim AS build
WORKDIR /source
RUN python -m venv /opt/pulsegate
COPY requirements.lock ./
RUN /opt/pulsegate/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY fixtures fixtures
COPY harness harness
COPY reference_server reference_server
COPY reports reports
COPY scenarios scenarios
RUN /opt/pulsegate/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
LABEL org.opencontainers.image.title="Pulsegate" \
      org.opencontainers.image.description="Test and load harness for real-time chat endpoints" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/pulsegate /opt/pulsegate
# Any user may run it (docker run --user "$(id -u):$(id -g)"), so that a mounted folder keeps its owner.
ENV PATH="/opt/pulsegate/bin:$PATH" HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --no-create-home --home-dir /tmp pulsegate && install -d -o pulsegate -g pulsegate /work
USER pulsegate
WORKDIR /work
ENTRYPOINT ["pulsegate"]
CMD ["--help"]
