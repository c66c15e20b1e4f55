# The App with git and bubblewrap. What it needs to run is in compose.yaml; how to run it, in docs/operating.md.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
# Its own Postgres is left out: a container is given a database.
RUN npm ci --omit=optional --no-audit --no-fund
RUN npm prune --omit=dev --omit=optional --no-audit --no-fund

FROM node:22-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends git bubblewrap ca-certificates tini \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json /app/app.yml /app/crew.schema.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/agents agents
COPY --from=build /app/dist dist
RUN install -d -o node -g node /var/lib/issue-crew
USER node
ENV HOST=0.0.0.0 PORT=3000 CREW_HOME=/var/lib/issue-crew LOG_FORMAT=json
VOLUME /var/lib/issue-crew
EXPOSE 3000
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/main.js", "start"]
