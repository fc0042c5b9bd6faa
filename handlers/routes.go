package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// An access says whom a route answers.
type access int

const (
	people   access = iota // who are logged in
	everyone               // strangers too
	programs               // which bring a secret that the handler checks; from any origin
)

// uploadWithin is how long a slow line may take to send what is handed in.
const uploadWithin = 30 * time.Minute

// A route is one thing that the site does.
type route struct {
	method, path string
	handle       echo.HandlerFunc
	access       access
	anyHost      bool          // also under names that are none of the site's: there is nothing to gain
	takes        bool          // takes in what needs room on the disk: not while that is low
	body         int64         // bytes that a request may have; 0 for 1 MiB
	within       time.Duration // until it is answered; 0 for 30 s
}

// routes lists all that the site does.
func (s *server) routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return append(append(s.apiRoutes(), s.ownRoutes()...), []route{
		{method: get, path: "/healthz", handle: s.health, access: everyone, anyHost: true},
		{method: get, path: "/livez", handle: s.health, access: everyone, anyHost: true},
		{method: get, path: "/readyz", handle: s.readyz, access: everyone, anyHost: true},
		{method: get, path: "/openapi.yaml", handle: s.openAPI, access: everyone, anyHost: true},
		{method: get, path: "/docs/api", handle: s.apiDocs, access: everyone, anyHost: true},
		{method: get, path: "/static/*", handle: s.static, access: everyone, anyHost: true},
		{method: post, path: "/language", handle: s.setLanguage, access: everyone},

		{method: get, path: "/setup", handle: s.setupPage, access: everyone},
		{method: post, path: "/setup", handle: s.setup, access: everyone},
		{method: get, path: "/login", handle: s.loginPage, access: everyone},
		{method: post, path: "/login", handle: s.login, access: everyone},
		{method: post, path: "/logout", handle: s.logout, access: everyone},

		{method: get, path: "/", handle: s.uploadPage},
		{method: post, path: "/submissions", handle: s.upload, body: s.UploadBytes, within: uploadWithin, takes: true},
		{method: post, path: "/samples", handle: s.submitSamples, takes: true},
		{method: get, path: "/templates/options", handle: s.templateOptions},
		{method: get, path: "/submissions/:submission", handle: s.submission},
		{method: get, path: "/submissions/:submission/pages", handle: s.submissionPages},
		{method: post, path: "/submissions/:submission/delete", handle: s.deleteSubmission},
		{method: post, path: "/samples/remove", handle: s.removeSamples},
		{method: get, path: "/pages", handle: s.history},
		{method: post, path: "/pages/search", handle: s.findPages},
		{method: post, path: "/views", handle: s.saveView},
		{method: get, path: "/views/:view", handle: s.openView},
		{method: post, path: "/views/:view/remove", handle: s.removeView},
		{method: post, path: "/bulk", handle: s.bulk},
		{method: get, path: "/bulk/:bulk", handle: s.bulkProgress},
		{method: get, path: "/trash", handle: s.trash},
		{method: post, path: "/trash/restore", handle: s.restore},
		{method: post, path: "/trash/purge", handle: s.purge},
		{method: get, path: "/export", handle: s.exportPage},
		{method: get, path: "/dashboard", handle: s.dashboard},
		{method: post, path: "/export/form", handle: s.exportForm},
		{method: get, path: "/export/files", handle: s.listExports},
		{method: post, path: "/export/files", handle: s.makeExport, takes: true},
		{method: get, path: "/export/files/:export", handle: s.exportFile, within: 10 * time.Minute},
		{method: post, path: "/export/files/:export/drop", handle: s.dropExport},
		{method: post, path: "/export/profiles", handle: s.saveProfile},
		{method: post, path: "/export/profiles/:profile/delete", handle: s.deleteProfile},
		{method: post, path: "/export/profiles/:profile/make", handle: s.makeProfile},
		{method: get, path: "/export/csv", handle: s.exportCSV, within: 10 * time.Minute},

		{method: get, path: "/queue", handle: s.queue},
		{method: post, path: "/queue/next", handle: s.nextInQueue},
		{method: get, path: "/pages/:page/queue", handle: s.queueNews},
		{method: post, path: "/pages/:page/claim", handle: s.claimPage},
		{method: post, path: "/pages/:page/claim/take", handle: s.takePage},
		{method: post, path: "/pages/:page/claim/release", handle: s.leavePage},
		{method: post, path: "/pages/:page/assign", handle: s.assignPage},
		{method: post, path: "/pages/:page/aside", handle: s.setAside},
		{method: post, path: "/pages/:page/notes", handle: s.addNote},
		{method: get, path: "/margin", handle: s.margins},
		{method: get, path: "/pages/:page/unprinted", handle: s.unprinted},
		{method: get, path: "/pages/:page/margin/:place", handle: s.marginCrop},
		{method: post, path: "/pages/:page/margin/:place", handle: s.answerMargin},
		{method: get, path: "/review", handle: s.nextPage},
		{method: get, path: "/vigilance", handle: s.vigilancePage},
		{method: post, path: "/vigilance", handle: s.setVigilance},
		{method: get, path: "/second", handle: s.nextKeyed},
		{method: get, path: "/second/:page", handle: s.secondPage},
		{method: post, path: "/second/:page", handle: s.keySecond},
		{method: get, path: "/pages/:page", handle: s.reviewPage},
		{method: post, path: "/pages/:page/corrections", handle: s.correct},
		{method: post, path: "/pages/:page/corrections/many", handle: s.correctMany},
		{method: get, path: "/pages/:page/words", handle: s.words},
		{method: post, path: "/pages/:page/typed", handle: s.keepTyped},
		{method: post, path: "/pages/:page/corrections/restore", handle: s.sayAgain},
		{method: post, path: "/pages/:page/whole", handle: s.acceptWhole},
		{method: get, path: "/pages/:page/ready", handle: s.ready},
		{method: get, path: "/pages/:page/place", handle: s.placePage},
		{method: post, path: "/pages/:page/place", handle: s.place},
		{method: post, path: "/pages/:page/fit", handle: s.fit},
		{method: get, path: "/pages/again", handle: s.again},
		{method: post, path: "/pages/again", handle: s.readAgain},
		{method: post, path: "/pages/retry", handle: s.retryPages},
		{method: post, path: "/pages/:page/retry", handle: s.retryPage},
		{method: post, path: "/pages/:page/delete", handle: s.deletePage},
		{method: get, path: "/pages/:page/story", handle: s.story},
		{method: post, path: "/pages/:page/reopen", handle: s.reopen},
		{method: post, path: "/pages/:page/close", handle: s.closePage},
		{method: post, path: "/pages/:page/printed", handle: s.printed},
		{method: get, path: "/pages/:page/picture", handle: s.picture},
		{method: get, path: "/pages/:page/crops/:field", handle: s.crop},

		{method: get, path: "/pages/:page/snippets/:run/:field/:place", handle: s.snippet},
		{method: get, path: "/carpet", handle: s.carpet},
		{method: post, path: "/carpet/screen", handle: s.carpetNext},
		{method: post, path: "/carpet/say", handle: s.sayTiles},
		{method: get, path: "/sheet", handle: s.sheet},
		{method: get, path: "/sheet/rows", handle: s.sheetRows},
		{method: post, path: "/sheet/say", handle: s.saySheet},

		{method: get, path: "/templates", handle: s.templateList},
		{method: post, path: "/templates", handle: s.importTemplate, body: maxTemplateUpload, within: 2 * time.Minute, takes: true},
		{method: get, path: "/templates/new", handle: s.newTemplatePage},
		{method: post, path: "/templates/new", handle: s.newTemplate, body: s.UploadBytes, within: uploadWithin, takes: true},
		{method: get, path: "/templates/new/pages", handle: s.newTemplatePages},
		{method: post, path: "/templates/new/page", handle: s.makeTemplate, within: newTemplateIn},
		{method: get, path: "/templates/new/thumbnail", handle: s.blankThumbnail, within: 2 * time.Minute},
		{method: get, path: "/templates/:template", handle: s.templateDetail},
		{method: get, path: "/templates/:template/build", handle: s.buildPage},
		{method: get, path: "/templates/:template/lines", handle: s.templateLines, within: 2 * time.Minute},
		{method: get, path: "/templates/:template/picture", handle: s.templatePicture},
		{method: get, path: "/templates/:template/outline", handle: s.outline},
		{method: get, path: "/templates/:template/again", handle: s.again},
		{method: post, path: "/templates/:template/again", handle: s.readAgain},
		{method: get, path: "/templates/:template/file", handle: s.templateExport},
		{method: get, path: "/templates/:template/release", handle: s.releasePage},
		{method: get, path: "/templates/:template/replace", handle: s.replacePage},
		{method: post, path: "/templates/:template/replace", handle: s.newPicture, body: s.UploadBytes, within: uploadWithin, takes: true},
		{method: get, path: "/templates/:template/replace/compare", handle: s.comparePictures, within: replaceIn},
		{method: get, path: "/templates/:template/replace/picture", handle: s.replacementPicture},
		{method: post, path: "/templates/:template/replace/keep", handle: s.replacePicture, within: replaceIn},
		{method: post, path: "/templates/:template/copy", handle: s.copyTemplate},
		{method: post, path: "/templates/:template/release", handle: s.releaseTemplate},
		{method: post, path: "/templates/:template/retire", handle: s.retireTemplate},
		{method: get, path: "/templates/:template/dry-run", handle: s.dryNews},
		{method: post, path: "/templates/:template/dry-run", handle: s.startDryRun},
		{method: post, path: "/templates/:template/dry-run/stop", handle: s.stopDryRun},
		{method: get, path: "/templates/:template/dry-run/crops/:page/:field", handle: s.dryCrop},
		{method: post, path: "/templates/:template/discard", handle: s.discardDraft},
		{method: get, path: "/templates/:template/health", handle: s.templateHealth},
		{method: post, path: "/templates/:template/health", handle: s.lookAgain},
		{method: get, path: "/templates/:template/health/table", handle: s.healthNews},
		{method: get, path: "/templates/:template/health/fields/:field", handle: s.fieldHealth},
		{method: post, path: "/templates/:template/health/fields/:field", handle: s.repairField},
		{method: get, path: "/templates/:template/health/fields/:field/crops/:page", handle: s.healthCrop},
		{method: post, path: "/templates/:template/validation", handle: s.setValidation},

		{method: get, path: "/templates/:template/draft", handle: s.draft},
		{method: post, path: "/templates/:template/draft", handle: s.startDraft},
		{method: post, path: "/templates/:template/draft/changes", handle: s.changeDraft, body: maxDraftChanges},
		{method: get, path: "/templates/:template/draft/news", handle: s.draftNews},
		{method: post, path: "/templates/:template/draft/try", handle: s.tryRules},

		{method: get, path: "/templates/:template/tests", handle: s.testsPage},
		{method: post, path: "/templates/:template/tests", handle: s.addSamples, body: s.UploadBytes, within: uploadWithin, takes: true},
		{method: get, path: "/templates/:template/tests/list", handle: s.testsList},
		{method: post, path: "/templates/:template/tests/read", handle: s.readTests},
		{method: post, path: "/templates/:template/tests/:case/values", handle: s.sayValue},
		{method: post, path: "/templates/:template/tests/:case/right", handle: s.sayAllRight},
		{method: post, path: "/templates/:template/tests/:case/delete", handle: s.deleteCase},
		{method: get, path: "/templates/:template/tests/:case/picture", handle: s.casePicture},
		{method: get, path: "/templates/:template/tests/:case/crops/:field", handle: s.caseCrop},

		{method: get, path: "/admin", handle: s.admin},
		{method: get, path: "/admin/machine", handle: s.machine},
		{method: post, path: "/admin/backup", handle: s.backUp},

		{method: get, path: "/domains", handle: s.domainList},
		{method: post, path: "/domains", handle: s.addDomain},
		{method: get, path: "/domains/:domain", handle: s.domainDetail},
		{method: post, path: "/domains/:domain", handle: s.saveDomain},
		{method: post, path: "/domains/:domain/secret", handle: s.rotateSecret},
		{method: post, path: "/domains/:domain/signing-key", handle: s.rotateSigningKey},
		{method: get, path: "/domains/:domain/lists", handle: s.lists},
		{method: post, path: "/domains/:domain/lists", handle: s.addList, body: maxListForm},
		{method: get, path: "/domains/:domain/lists/:list", handle: s.listDetail},
		{method: post, path: "/domains/:domain/lists/:list", handle: s.replaceList, body: maxListForm},
		{method: post, path: "/domains/:domain/lists/:list/remove", handle: s.removeList},
	}...)
}
