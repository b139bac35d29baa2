# The image holds one file: the executable of `npm run build:executable`, on a Debian with glibc and nothing else of ours.
FROM node:22.20.0-bookworm-slim AS build
WORKDIR /src
# What decides which packages are installed comes first, so that a change of the sources does not install them again.
COPY package.json package-lock.json ./
COPY shared/package.json shared/
COPY server/package.json server/
COPY cli/package.json cli/
COPY web/package.json web/
COPY bench/package.json bench/
COPY evals/package.json evals/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build:executable && mkdir /data

FROM debian:12.12-slim
COPY --from=build --chmod=0755 /src/dist/sluice /usr/local/bin/sluice
COPY --from=build /src/LICENSE /src/NOTICE /usr/share/doc/sluice/
# A user without a name, a shell or a home, whom the data folder belongs to; a new volume takes that over.
COPY --from=build --chown=65532:65532 --chmod=0700 /data /data
USER 65532:65532
# HOST is what the container's network needs. Who runs it says SLUICE_PUBLIC=true: that a TLS proxy stands in front, or that the
# port is published to this machine alone.
ENV HOST=0.0.0.0 \
    PORT=8080 \
    SLUICE_DATA_DIR=/data \
    SLUICE_CONFIG=/etc/sluice/sluice.yaml \
    BUN_CONFIG_MAX_HTTP_REQUESTS=16384
WORKDIR /data
VOLUME /data
EXPOSE 8080
# The embedded database takes seconds to be made, but the server answers meanwhile.
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s --retries=3 CMD ["/usr/local/bin/sluice", "health"]
# It drains for `limits.drainMs` after SIGTERM, 30 s unless said: stop it with more time than that.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/sluice"]
CMD ["serve"]
