# Builds the program and runs it with nothing but what it needs. The packages
# are those of DEBIAN_RUN in the Makefile.
FROM golang:1.26.8-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make build

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
        tesseract-ocr tesseract-ocr-kor tesseract-ocr-jpn tesseract-ocr-chi-tra \
        fonts-nanum fonts-ipafont-gothic fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /data seosik
COPY --from=build /src/bin/seosik /usr/local/bin/seosik
COPY NOTICE /usr/share/doc/seosik/copyright
# Beside the program: models of the data folder come first.
COPY --from=build /src/models /usr/local/models
USER seosik
VOLUME /data
EXPOSE 8080
# A container has no time zone of its own: without this, days would begin at
# nine in the morning in Korea. Elsewhere: docker run -e SEOSIK_TIME_ZONE=…
ENV SEOSIK_TIME_ZONE=Asia/Seoul
# Inside a container every address is the container's own; publish the port on
# the machine's loopback: docker run -p 127.0.0.1:8080:8080 -v seosik:/data …
ENTRYPOINT ["seosik"]
CMD ["serve", "--data", "/data", "--listen", ":8080"]
