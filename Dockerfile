# OrderBridge in a container: docker build -t orderbridge . ; docs/deploy.md says how to run it.

FROM rust:1.95-bookworm AS build
WORKDIR /src
# The root package holds the repository's tests, and cargo wants to see its targets; what is left
# out of the context is in .dockerignore.
COPY Cargo.toml Cargo.lock ./
COPY adapters adapters
COPY crates crates
COPY tests tests
RUN cargo build --release --locked -p orderbridge-cli \
    && mkdir -p /out/store \
    && cp target/release/orderbridge /out/orderbridge

# No shell and no package manager: the C library, certificates, and an account without privileges.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/orderbridge /usr/local/bin/orderbridge
# The store: a folder of the account's own, which a new volume takes over.
COPY --from=build --chown=nonroot:nonroot --chmod=0700 /out/store /var/lib/orderbridge
ENV ORDERBRIDGE_CONFIG=/etc/orderbridge/orderbridge.toml
VOLUME /var/lib/orderbridge
# 8080 takes webhooks; 4040 is health and metrics, and should stay inside.
EXPOSE 8080 4040
USER nonroot
# There is no curl in here, and the program knows its own admin address.
HEALTHCHECK --interval=30s --timeout=12s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/orderbridge", "check", "--live", "--quiet"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/orderbridge"]
CMD ["run", "--log-format", "json"]
