# The first stage compiles; the second holds the binary and nothing that made it.
FROM rust:1-trixie AS build
WORKDIR /build

# The dependencies alone, against an empty program: this layer lasts until Cargo.toml, Cargo.lock or .cargo changes.
COPY .cargo .cargo
COPY Cargo.toml Cargo.lock ./
RUN mkdir src \
 && echo 'fn main() {}' > src/main.rs \
 && touch src/lib.rs \
 && cargo build --release --locked

COPY migrations migrations
COPY docs/seed.yaml docs/seed.yaml
COPY src src
# `touch`, because the copied files are older than the empty program, and cargo goes by the time.
RUN touch src/main.rs src/lib.rs \
 && cargo build --release --locked

FROM debian:trixie-slim

# A fixed uid, so that a mounted directory or a Kubernetes policy can name it.
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin handover \
 && install --directory --owner=handover --group=handover /data
# The authorities whose certificates are believed of a Keystone.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /build/target/release/handover /usr/local/bin/handover

# Within a container the loopback address reaches nobody.
ENV HANDOVER_LISTEN=0.0.0.0:8776
EXPOSE 8776
USER 10001:10001
# Where the SQLite file lies when no other database is set.
WORKDIR /data
VOLUME /data

HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["handover", "healthcheck"]
ENTRYPOINT ["handover"]
CMD ["serve"]
