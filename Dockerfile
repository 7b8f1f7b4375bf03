# syntax=docker/dockerfile:1
# One image for every process of the production shape; the command says which: `ingest`, `api`, `tasks`, `doctor` ...

FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY deploy/image/prune.sh /prune.sh
# npm takes the native packages of this platform alone. No package of ours needs an install script.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && /prune.sh node_modules

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src ./src
RUN node node_modules/typescript/bin/tsc -p . --sourceMap false --incremental false --tsBuildInfoFile null

FROM node:22-bookworm-slim
LABEL org.opencontainers.image.title="Footfall" org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --chown=root:root LICENSE package.json schema.graphql ./
COPY --from=packages --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/dist ./dist
COPY --chown=root:root deploy/secrets/make-secrets.mjs ./deploy/secrets/
ENV NODE_ENV=production
# A number, so that Kubernetes can see that it is not root. Nothing in the image belongs to it: it writes nowhere.
USER 10001:10001
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4000/livez', { signal: AbortSignal.timeout(2500) }).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["--help"]
