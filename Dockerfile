# One image for everything that compose.yaml starts. Built from a checkout: docker compose build
FROM python:3.11.14-slim-bookworm

WORKDIR /app
COPY pyproject.toml README.md requirements.lock torch-cpu.lock install.sh ./
COPY insights ./insights
COPY flows ./flows
COPY models ./models
RUN bash install.sh s3 dask train && rm -rf ~/.cache

# Nobody but root may change the program; what it writes lies below /app/var.
RUN useradd --uid 10001 --home-dir /app/var --no-create-home insights \
 && install -d -o insights -g insights -m 700 /app/var
ENV PATH=/app/.venv/bin:$PATH \
    HOME=/app/var \
    MPLCONFIGDIR=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    DO_NOT_TRACK=1 \
    PREFECT_HOME=/app/var/prefect \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    CALL_INSIGHTS_LOG_FORMAT=json
USER 10001:10001
VOLUME /app/var
CMD ["call-insights", "--help"]
