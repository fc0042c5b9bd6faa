package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/vouch"
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
	needs        form.Right    // what of it a person must have, in some domain; who has none is refused
	byItself     bool          // a page that is left open asks, without anybody there
	anyHost      bool          // also under names that are none of the site's: there is nothing to gain
	takes        bool          // takes in what needs room on the disk: not while that is low
	keeps        bool          // what a person typed or said: the answer tells the script that it is kept
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
		{method: get, path: "/login/oidc", handle: s.sendToProvider, access: everyone},
		{method: get, path: vouch.Path, handle: s.backFromProvider, access: everyone},
		{method: get, path: "/login/code", handle: s.codePage, access: everyone},
		{method: post, path: "/login/code", handle: s.checkCode, access: everyone},
		{method: post, path: "/logout", handle: s.logout, access: everyone},

		{method: get, path: "/account", handle: s.accountPage, needs: form.MayEnter},
		{method: post, path: "/account/password", handle: s.setOwnPassword, needs: form.MayEnter},
		{method: post, path: "/account/here", handle: s.here, needs: form.MayEnter},
		{method: post, path: "/account/leave", handle: s.leave, needs: form.MayEnter, byItself: true},
		{method: get, path: "/account/factor", handle: s.factorPage, needs: form.MayEnter},
		{method: post, path: "/account/factor", handle: s.beginFactor, needs: form.MayEnter},
		{method: post, path: "/account/factor/confirm", handle: s.confirmFactor, needs: form.MayEnter},
		{method: post, path: "/account/factor/codes", handle: s.renewCodes, needs: form.MayEnter},
		{method: post, path: "/account/factor/remove", handle: s.removeFactor, needs: form.MayEnter},
		{method: post, path: "/account/sessions/:session/end", handle: s.endOwnSession, needs: form.MayEnter},
		{method: get, path: "/admin/people", handle: s.peoplePage, needs: form.MayManage},
		{method: post, path: "/admin/people", handle: s.addPerson, needs: form.MayManage},
		{method: post, path: "/admin/people/admission", handle: s.setAdmission, needs: form.MayManage},
		{method: get, path: "/admin/people/:person", handle: s.personPage, needs: form.MayManage},
		{method: post, path: "/admin/people/:person/roles", handle: s.setRoles, needs: form.MayManage},
		{method: post, path: "/admin/people/:person/password", handle: s.setPersonPassword, needs: form.MayManage},
		{method: post, path: "/admin/people/:person/disable", handle: s.changePerson(s.DB.DisableUser), needs: form.MayManage},
		{method: post, path: "/admin/people/:person/enable", handle: s.changePerson(s.DB.EnableUser), needs: form.MayManage},
		{method: post, path: "/admin/people/:person/elsewhere", handle: s.changePerson(s.sendPersonElsewhere), needs: form.MayManage},
		{method: post, path: "/admin/people/:person/factor/remove", handle: s.changePerson(s.removePersonFactor), needs: form.MayManage},
		{method: post, path: "/admin/people/:person/sessions/end", handle: s.changePerson(s.endPersonSessions), needs: form.MayManage},

		{method: get, path: "/", handle: s.uploadPage, needs: form.MayEnter},
		{method: post, path: "/submissions", handle: s.upload, body: s.UploadBytes, within: uploadWithin, takes: true, needs: form.MayReview},
		{method: post, path: "/samples", handle: s.submitSamples, takes: true, needs: form.MayAdminister},
		{method: get, path: "/templates/options", handle: s.templateOptions, needs: form.MayReview},
		{method: get, path: "/submissions/:submission", handle: s.submission, needs: form.MaySee},
		{method: get, path: "/submissions/:submission/pages", handle: s.submissionPages, needs: form.MaySee},
		{method: post, path: "/submissions/:submission/delete", handle: s.deleteSubmission, needs: form.MayReview},
		{method: post, path: "/samples/remove", handle: s.removeSamples, needs: form.MayAdminister},
		{method: get, path: "/pages", handle: s.history, needs: form.MaySee},
		{method: post, path: "/pages/search", handle: s.findPages, needs: form.MaySee},
		{method: post, path: "/views", handle: s.saveView, needs: form.MaySee},
		{method: get, path: "/views/:view", handle: s.openView, needs: form.MaySee},
		{method: post, path: "/views/:view/remove", handle: s.removeView, needs: form.MaySee},
		{method: post, path: "/bulk", handle: s.bulk, needs: form.MayReview | form.MayExport},
		{method: get, path: "/bulk/:bulk", handle: s.bulkProgress, needs: form.MayReview},
		{method: get, path: "/trash", handle: s.trash, needs: form.MayReview},
		{method: post, path: "/trash/restore", handle: s.restore, needs: form.MayReview},
		{method: post, path: "/trash/purge", handle: s.purge, needs: form.MayAdminister},
		{method: get, path: "/export", handle: s.exportPage, needs: form.MayExport},
		{method: get, path: "/dashboard", handle: s.dashboard, needs: form.MaySee},
		{method: post, path: "/export/form", handle: s.exportForm, needs: form.MayExport},
		{method: get, path: "/export/files", handle: s.listExports, needs: form.MayExport},
		{method: post, path: "/export/files", handle: s.makeExport, takes: true, needs: form.MayExport},
		{method: get, path: "/export/files/:export", handle: s.exportFile, within: 10 * time.Minute, needs: form.MayExport},
		{method: post, path: "/export/files/:export/drop", handle: s.dropExport, needs: form.MayExport},
		{method: post, path: "/export/profiles", handle: s.saveProfile, needs: form.MayExport},
		{method: post, path: "/export/profiles/:profile/delete", handle: s.deleteProfile, needs: form.MayExport},
		{method: post, path: "/export/profiles/:profile/make", handle: s.makeProfile, takes: true, needs: form.MayExport},
		{method: get, path: "/export/csv", handle: s.exportCSV, within: 10 * time.Minute, needs: form.MayExport},
		{method: get, path: "/admin/masks", handle: s.masksPage, needs: form.MayManage},
		{method: post, path: "/admin/masks", handle: s.setMasks, needs: form.MayManage},
		{method: get, path: "/admin/access", handle: s.accessLog, needs: form.MayManage},
		{method: get, path: "/admin/access/rows/:row", handle: s.accessPagesOf, needs: form.MayManage},
		{method: post, path: "/admin/access/rules", handle: s.setAccessRules, needs: form.MayManage},
		{method: post, path: "/admin/access/alarms/:alarm", handle: s.answerAlarm, needs: form.MayManage},
		{method: get, path: "/admin/access/report", handle: s.accessReport, needs: form.MayManage},
		{method: post, path: "/admin/access/report", handle: s.signReport, needs: form.MayManage},
		{method: get, path: "/admin/retention", handle: s.retention, needs: form.MayManage},
		{method: post, path: "/admin/retention", handle: s.setRetention, needs: form.MayManage},
		{method: post, path: "/admin/holds", handle: s.hold, needs: form.MayManage},
		{method: post, path: "/admin/holds/:hold/lift", handle: s.liftHold, needs: form.MayManage},
		{method: get, path: "/admin/destructions/:destruction", handle: s.certificate, needs: form.MayManage},
		{method: get, path: "/admin/destructions/:destruction/pages", handle: s.certificateList, needs: form.MayManage},

		{method: get, path: "/queue", handle: s.queue, needs: form.MayReview},
		{method: post, path: "/queue/next", handle: s.nextInQueue, needs: form.MayReview},
		{method: get, path: "/pages/:page/queue", handle: s.queueNews, needs: form.MayReview},
		{method: post, path: "/pages/:page/claim", handle: s.claimPage, needs: form.MayReview, byItself: true},
		{method: post, path: "/pages/:page/claim/take", handle: s.takePage, needs: form.MayReview},
		{method: post, path: "/pages/:page/claim/release", handle: s.leavePage, needs: form.MayReview},
		{method: post, path: "/pages/:page/assign", handle: s.assignPage, needs: form.MayReview},
		{method: post, path: "/pages/:page/aside", handle: s.setAside, needs: form.MayReview},
		{method: post, path: "/pages/:page/notes", handle: s.addNote, needs: form.MayReview},
		{method: get, path: "/margin", handle: s.margins, needs: form.MaySee},
		{method: get, path: "/pages/:page/unprinted", handle: s.unprinted, needs: form.MayReview},
		{method: get, path: "/pages/:page/margin/:place", handle: s.marginCrop, needs: form.MaySee},
		{method: post, path: "/pages/:page/margin/:place", handle: s.answerMargin, keeps: true, needs: form.MayReview},
		{method: get, path: "/review", handle: s.nextPage, needs: form.MayReview},
		{method: get, path: "/vigilance", handle: s.vigilancePage, needs: form.MayManage},
		{method: post, path: "/vigilance", handle: s.setVigilance, needs: form.MayManage},
		{method: get, path: "/second", handle: s.nextKeyed, needs: form.MayKey},
		{method: get, path: "/second/:page", handle: s.secondPage, needs: form.MayKey},
		{method: post, path: "/second/:page", handle: s.keySecond, keeps: true, needs: form.MayKey},
		{method: get, path: "/pages/:page", handle: s.reviewPage, needs: form.MaySee},
		{method: post, path: "/pages/:page/corrections", handle: s.correct, keeps: true, needs: form.MayReview},
		{method: post, path: "/pages/:page/corrections/many", handle: s.correctMany, keeps: true, needs: form.MayReview},
		{method: get, path: "/pages/:page/words", handle: s.words, needs: form.MayReview},
		{method: post, path: "/pages/:page/typed", handle: s.keepTyped, keeps: true, needs: form.MayReview | form.MayKey},
		{method: post, path: "/pages/:page/corrections/restore", handle: s.sayAgain, keeps: true, needs: form.MayReview},
		{method: post, path: "/pages/:page/whole", handle: s.acceptWhole, needs: form.MayReview},
		{method: get, path: "/pages/:page/ready", handle: s.ready, needs: form.MaySee},
		{method: get, path: "/pages/:page/place", handle: s.placePage, needs: form.MayReview},
		{method: post, path: "/pages/:page/place", handle: s.place, needs: form.MayReview},
		{method: post, path: "/pages/:page/fit", handle: s.fit, needs: form.MayReview},
		{method: get, path: "/pages/again", handle: s.again, needs: form.MayReview},
		{method: post, path: "/pages/again", handle: s.readAgain, needs: form.MayReview},
		{method: post, path: "/pages/retry", handle: s.retryPages, needs: form.MayReview},
		{method: post, path: "/pages/:page/retry", handle: s.retryPage, needs: form.MayReview},
		{method: post, path: "/pages/:page/delete", handle: s.deletePage, needs: form.MayReview},
		{method: get, path: "/pages/:page/story", handle: s.story, needs: form.MaySee},
		{method: post, path: "/pages/:page/reopen", handle: s.reopen, needs: form.MayReview},
		{method: post, path: "/pages/:page/close", handle: s.closePage, needs: form.MayReview},
		{method: post, path: "/printed", handle: s.printed, needs: form.MaySee | form.MayKey},
		{method: post, path: "/pages/reveal", handle: s.reveal, needs: form.MayReview},
		{method: get, path: "/pages/:page/picture", handle: s.picture, needs: form.MaySee | form.MayKey},
		{method: get, path: "/pages/:page/crops/:field", handle: s.crop, needs: form.MaySee | form.MayKey},
		{method: get, path: "/pages/:page/values/:place", handle: s.lookAt, needs: form.MayReview},

		{method: get, path: "/pages/:page/snippets/:run/:field/:place", handle: s.snippet, needs: form.MayReview},
		{method: get, path: "/carpet", handle: s.carpet, needs: form.MayReview},
		{method: post, path: "/carpet/screen", handle: s.carpetNext, needs: form.MayReview},
		{method: post, path: "/carpet/say", handle: s.sayTiles, keeps: true, needs: form.MayReview},
		{method: get, path: "/sheet", handle: s.sheet, needs: form.MayReview},
		{method: get, path: "/sheet/rows", handle: s.sheetRows, needs: form.MayReview},
		{method: post, path: "/sheet/say", handle: s.saySheet, keeps: true, needs: form.MayReview},

		{method: get, path: "/templates", handle: s.templateList, needs: form.MaySee},
		{method: post, path: "/templates", handle: s.importTemplate, body: maxTemplateUpload, within: 2 * time.Minute, takes: true, needs: form.MayMake},
		{method: get, path: "/templates/new", handle: s.newTemplatePage, needs: form.MayMake},
		{method: post, path: "/templates/new", handle: s.newTemplate, body: s.UploadBytes, within: uploadWithin, takes: true, needs: form.MayMake},
		{method: get, path: "/templates/new/pages", handle: s.newTemplatePages, needs: form.MayMake},
		{method: post, path: "/templates/new/page", handle: s.makeTemplate, within: newTemplateIn, needs: form.MayMake},
		{method: get, path: "/templates/new/thumbnail", handle: s.blankThumbnail, within: 2 * time.Minute, needs: form.MayMake},
		{method: get, path: "/templates/:template", handle: s.templateDetail, needs: form.MaySee},
		{method: get, path: "/templates/:template/build", handle: s.buildPage, needs: form.MayMake},
		{method: get, path: "/templates/:template/lines", handle: s.templateLines, within: 2 * time.Minute, needs: form.MayMake},
		{method: get, path: "/templates/:template/picture", handle: s.templatePicture, needs: form.MaySee},
		{method: get, path: "/templates/:template/outline", handle: s.outline, needs: form.MaySee},
		{method: get, path: "/templates/:template/again", handle: s.again, needs: form.MayReview},
		{method: post, path: "/templates/:template/again", handle: s.readAgain, needs: form.MayReview},
		{method: get, path: "/templates/:template/file", handle: s.templateExport, needs: form.MayMake},
		{method: get, path: "/templates/:template/release", handle: s.releasePage, needs: form.MayMake},
		{method: get, path: "/templates/:template/replace", handle: s.replacePage, needs: form.MayMake},
		{method: post, path: "/templates/:template/replace", handle: s.newPicture, body: s.UploadBytes, within: uploadWithin, takes: true, needs: form.MayMake},
		{method: get, path: "/templates/:template/replace/compare", handle: s.comparePictures, within: replaceIn, needs: form.MayMake},
		{method: get, path: "/templates/:template/replace/picture", handle: s.replacementPicture, needs: form.MayMake},
		{method: post, path: "/templates/:template/replace/keep", handle: s.replacePicture, within: replaceIn, needs: form.MayMake},
		{method: post, path: "/templates/:template/copy", handle: s.copyTemplate, needs: form.MayMake},
		{method: post, path: "/templates/:template/release", handle: s.releaseTemplate, needs: form.MayMake},
		{method: post, path: "/templates/:template/retire", handle: s.retireTemplate, needs: form.MayMake},
		{method: get, path: "/templates/:template/dry-run", handle: s.dryNews, needs: form.MayMake},
		{method: post, path: "/templates/:template/dry-run", handle: s.startDryRun, needs: form.MayMake},
		{method: post, path: "/templates/:template/dry-run/stop", handle: s.stopDryRun, needs: form.MayMake},
		{method: get, path: "/templates/:template/dry-run/crops/:page/:field", handle: s.dryCrop, needs: form.MayMake},
		{method: post, path: "/templates/:template/discard", handle: s.discardDraft, needs: form.MayMake},
		{method: get, path: "/templates/:template/health", handle: s.templateHealth, needs: form.MayMake},
		{method: post, path: "/templates/:template/health", handle: s.lookAgain, needs: form.MayMake},
		{method: get, path: "/templates/:template/health/table", handle: s.healthNews, needs: form.MayMake},
		{method: get, path: "/templates/:template/health/fields/:field", handle: s.fieldHealth, needs: form.MayMake},
		{method: post, path: "/templates/:template/health/fields/:field", handle: s.repairField, needs: form.MayMake},
		{method: get, path: "/templates/:template/health/fields/:field/crops/:page", handle: s.healthCrop, needs: form.MayMake},
		{method: post, path: "/templates/:template/validation", handle: s.setValidation, needs: form.MayAdminister},

		{method: get, path: "/templates/:template/draft", handle: s.draft, needs: form.MayMake},
		{method: post, path: "/templates/:template/draft", handle: s.startDraft, needs: form.MayMake},
		{method: post, path: "/templates/:template/draft/changes", handle: s.changeDraft, body: maxDraftChanges, needs: form.MayMake},
		{method: get, path: "/templates/:template/draft/news", handle: s.draftNews, needs: form.MayMake},
		{method: post, path: "/templates/:template/draft/try", handle: s.tryRules, needs: form.MayMake},

		{method: get, path: "/templates/:template/tests", handle: s.testsPage, needs: form.MayMake},
		{method: post, path: "/templates/:template/tests", handle: s.addSamples, body: s.UploadBytes, within: uploadWithin, takes: true, needs: form.MayMake},
		{method: get, path: "/templates/:template/tests/list", handle: s.testsList, needs: form.MayMake},
		{method: post, path: "/templates/:template/tests/read", handle: s.readTests, needs: form.MayMake},
		{method: post, path: "/templates/:template/tests/:case/values", handle: s.sayValue, needs: form.MayMake},
		{method: post, path: "/templates/:template/tests/:case/right", handle: s.sayAllRight, needs: form.MayMake},
		{method: post, path: "/templates/:template/tests/:case/delete", handle: s.deleteCase, needs: form.MayMake},
		{method: get, path: "/templates/:template/tests/:case/picture", handle: s.casePicture, needs: form.MayMake},
		{method: get, path: "/templates/:template/tests/:case/crops/:field", handle: s.caseCrop, needs: form.MayMake},

		{method: get, path: "/admin", handle: s.admin, needs: form.MayManage},
		{method: get, path: "/admin/machine", handle: s.machine, needs: form.MayManage},
		{method: post, path: "/admin/backup", handle: s.backUp, needs: form.MayManage},
		{method: post, path: "/admin/machine/encryption", handle: s.setEncryption, needs: form.MayManage},

		{method: get, path: "/domains", handle: s.domainList, needs: form.MayAdminister},
		{method: post, path: "/domains", handle: s.addDomain, needs: form.MayManage},
		{method: get, path: "/domains/:domain", handle: s.domainDetail, needs: form.MayAdminister},
		{method: post, path: "/domains/:domain", handle: s.saveDomain, needs: form.MayAdminister},
		{method: post, path: "/domains/:domain/secret", handle: s.rotateSecret, needs: form.MayAdminister},
		{method: post, path: "/domains/:domain/secret/end", handle: s.endSecrets, needs: form.MayAdminister},
		{method: post, path: "/domains/:domain/signing-key", handle: s.rotateSigningKey, needs: form.MayAdminister},
		{method: get, path: "/domains/:domain/lists", handle: s.lists, needs: form.MayMake},
		{method: post, path: "/domains/:domain/lists", handle: s.addList, body: maxListForm, needs: form.MayMake},
		{method: get, path: "/domains/:domain/lists/:list", handle: s.listDetail, needs: form.MayMake},
		{method: post, path: "/domains/:domain/lists/:list", handle: s.replaceList, body: maxListForm, needs: form.MayMake},
		{method: post, path: "/domains/:domain/lists/:list/remove", handle: s.removeList, needs: form.MayMake},
	}...)
}
