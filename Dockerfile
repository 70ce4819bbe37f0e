# syntax=docker/dockerfile:1
# Builds with everything, ships without: no development dependencies, no sources, no sandbox, no package manager state.
# scripts/check-image runs these steps without a container engine and then what they made.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && rm -rf dist/sandbox dist/.tsbuildinfo
# What nothing reads at run time goes; licences stay.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) \
      ! -iname '*licen[cs]e*' ! -iname '*notice*' ! -iname '*copying*' -delete

FROM node:24-bookworm-slim
ARG COMMIT=unknown
ENV NODE_ENV=production AI_OPERATOR_BUILD_COMMIT=$COMMIT
LABEL org.opencontainers.image.title="AI DevOps Operator" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision=$COMMIT
WORKDIR /app
COPY --from=build /app/package.json ./package.json
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./LICENSE
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8080 9090
# Heap at three quarters of a 512 MiB limit.
ENTRYPOINT ["node", "--enable-source-maps", "--max-old-space-size=384", "dist/main.js"]
CMD ["--config", "/etc/ai-operator/config.yaml"]
