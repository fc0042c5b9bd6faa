package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// users are who work in the house; the first one is the administrator.
var users = []user{{"admin", "열려라 참깨 123"}, {"김하나", "다섯 글자 넘는 말 1"}, {"이두리", "다섯 글자 넘는 말 2"}}

// A chain is a template with its versions.
type chain struct {
	templateOfHouse
	paper    *paper
	versions []template
}

// A sheet is a page of the house, and what is to be known of it.
type sheet struct {
	page
	of    *chain
	with  int               // index of the version that it was read with
	said  map[string][]said // by key, what counts
	shift float64           // px; where the form lies on the page
}

// A story is how a house comes about.
type story struct {
	release *release
	pen     *pen
	people  map[string]*client
	program map[int]*client // by domain
	house   house
	chains  map[string]*chain
	sheets  []*sheet
}

// claimText returns what is written on claim i, in those rows of the table; kinds
// says that the column of kinds is filled in.
func claimText(i int, rows []int, kinds bool) map[string]string {
	at := func(list ...string) string { return list[i%len(list)] }
	texts := map[string]string{
		"성명": at("윤서진", "강도현", "문하늘", "임정숙", "백철민"), "사번": fmt.Sprint(2018034 + 7301*i),
		"소속": at("영업부", "기술연구소", "품질관리부", "총무부"), "직위": at("과장", "대리", "부장"),
		"휴대전화": fmt.Sprintf("010-%d-%d", 2417+311*i, 9086-257*i), "교통_" + at("열차", "버스", "항공", "자가용", "기타"): "x",
		"출장/row 1/출장지": at("부산광역시 해운대구", "대전광역시 유성구", "전라남도 여수시"), "출장/row 1/출발일": fmt.Sprintf("2025. 4. %d.", 1+i),
		"출장/row 1/도착일": fmt.Sprintf("2025. 4. %d.", 3+i), "출장/row 2/출장지": at("거래처 방문", "공동 연구 발표", "공장 정기 점검"),
	}
	if i%2 == 0 {
		texts["전자우편"] = fmt.Sprintf("staff%d@daon.example.kr", 10+i)
	}
	sum := 0
	for _, row := range rows {
		amount := 1000 * (11 + (7*i+13*row)%80)
		sum += amount
		key := fmt.Sprintf("여비/row %d/", row)
		texts[key+"일자"] = fmt.Sprintf("4. %d.", i+row)
		texts[key+"내용"] = []string{"", "열차 왕복", "숙소 이틀", "점심과 저녁", "시내 택시", "주차 요금"}[row]
		texts[key+"금액"] = fmt.Sprintf("%d,%03d", amount/1000, amount%1000)
		if kinds {
			texts[key+"구분"] = []string{"", "교통비", "숙박비", "식비", "교통비", "기타"}[row]
		}
	}
	if i%3 == 1 {
		sum += 1000 // it does not add up, so that a person has to look
	}
	texts["합계"] = fmt.Sprintf("%d,%03d", sum/1000, sum%1000)
	return texts
}

func accountText(i int) map[string]string {
	at := func(list ...string) string { return list[i%len(list)] }
	return map[string]string{
		"은행명": at("신한은행", "국민은행", "농협은행"), "예금주": at("윤서진", "강도현", "임정숙"), "계좌번호": fmt.Sprint(11043827501 + 7919*i),
		"비고": at("", "급여 계좌와 같음"), "신청일": fmt.Sprintf("2025. 5. %d.", 2+i), "신청인": at("윤서진", "강도현", "임정숙"),
	}
}

// add imports the next version of a template into a domain.
func (s *story) add(ctx context.Context, name string, domain int, stage string, p *paper, t template) error {
	dir, err := os.MkdirTemp("", "template-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	picture, err := encode(p.blank, 0)
	if err != nil {
		return err
	}
	if err := t.write(dir, picture); err != nil {
		return err
	}
	out, err := s.release.run(ctx, "", "template", "import", "--data", s.release.data, "--domain", fmt.Sprint(domain), "--stage", stage, dir)
	if err != nil {
		return err
	}
	c := s.chains[name]
	if c == nil {
		c = &chain{paper: p}
		s.chains[name] = c
	}
	number, _, _ := strings.Cut(out, "\t")
	if c.ID, err = strconv.Atoi(number); err != nil {
		return err
	}
	c.Domain, c.Name, c.Stage, c.Version = domain, t.Name, stage, len(c.versions)+1
	c.versions = append(c.versions, t)
	return nil
}

// draw returns a filled copy of the newest version of a template.
func (s *story) draw(name string, texts map[string]string) (*image.Gray, error) {
	c := s.chains[name]
	return s.pen.fill(c.paper, &c.versions[len(c.versions)-1], texts)
}

const shift = 6 // px that forms lie off the corner of their page

func (s *story) scan(name, of string, texts map[string]string) (file, error) {
	page, err := s.draw(of, texts)
	if err != nil {
		return file{}, err
	}
	data, err := encode(page, shift)
	return file{name, data}, err
}

// found takes the pages of a submission into the house, each with the template
// that it should have been found to be, "" for none.
func (s *story) found(ctx context.Context, domain int, submission string, of ...string) ([]*sheet, error) {
	ids, err := s.people["admin"].pages(ctx, submission)
	if err != nil {
		return nil, err
	}
	if len(ids) != len(of) {
		return nil, fmt.Errorf("%s has %d pages, not %d", submission, len(ids), len(of))
	}
	number, err := strconv.Atoi(submission[strings.LastIndex(submission, "/")+1:])
	if err != nil {
		return nil, err
	}
	var answer struct{ Records []record }
	if err := s.program[domain].ask(ctx, s.own(domain, "records/search"), nil, map[string]any{"submission": number}, &answer); err != nil {
		return nil, err
	}
	var sheets []*sheet
	for i, id := range ids {
		sh := &sheet{page: page{ID: id, Domain: domain, Runs: 1}, said: make(map[string][]said), shift: shift}
		if of[i] != "" {
			sh.of = s.chains[of[i]]
			sh.with = len(sh.of.versions) - 1
		}
		sheets = append(sheets, sh)
	}
	slices.SortFunc(answer.Records, func(a, b record) int { return a.Number - b.Number })
	slices.SortStableFunc(answer.Records, func(a, b record) int { return strings.Compare(a.Document, b.Document) })
	for i, r := range answer.Records { // ids count up in the same order
		sheets[i].UID, sheets[i].Document, sheets[i].Number = r.UID, r.Document, r.Number
		if sheets[i].of != nil && sheets[i].of.ID != r.Template.ID {
			return nil, fmt.Errorf("%s is taken for template %d, and is %s", r.Document, r.Template.ID, of[i])
		}
	}
	s.sheets = append(s.sheets, sheets...)
	return sheets, nil
}

func (s *story) own(domain int, path string) string {
	return fmt.Sprintf("/api/v1/domains/%d/%s", domain, path)
}

// upload has a person upload one filled copy, choosing is the template that is
// asked for, or "".
func (s *story) upload(ctx context.Context, who, document, of, choosing string, texts map[string]string) (*sheet, error) {
	f, err := s.scan(document, of, texts)
	if err != nil {
		return nil, err
	}
	c, chosen := s.chains[of], 0
	if choosing != "" {
		chosen = s.chains[choosing].ID
	}
	submission, err := s.people[who].upload(ctx, c.Domain, chosen, f)
	if err != nil {
		return nil, err
	}
	sheets, err := s.found(ctx, c.Domain, submission, of)
	if err != nil {
		return nil, err
	}
	return sheets[0], nil
}

func (s *story) record(ctx context.Context, sh *sheet) (*record, error) {
	r := new(record)
	body, err := s.program[sh.Domain].get(ctx, s.own(sh.Domain, "records/"+sh.UID))
	if err == nil {
		err = decode(body, r)
	}
	return r, err
}

// correct has a person say what places hold: key, text, key, text.
func (s *story) correct(ctx context.Context, who string, sh *sheet, pairs ...string) error {
	places := sh.of.versions[sh.with].places()
	for i := 0; i < len(pairs); i += 2 {
		key, text := pairs[i], pairs[i+1]
		index := slices.IndexFunc(places, func(p place) bool { return p.key == key })
		if index < 0 {
			return fmt.Errorf("%s has no %s", sh.Document, key)
		}
		f := places[index].of
		if err := s.people[who].correct(ctx, sh.ID, index, f != nil && f.Type == "CHECKBOX", text); err != nil {
			return err
		}
		r, err := s.record(ctx, sh)
		if err != nil {
			return err
		}
		all := r.corrections(places[index].name)
		if len(all) == 0 || all[len(all)-1].By != who {
			return fmt.Errorf("what %s said of %s on %s is not there", who, key, sh.Document)
		}
		sh.said[key] = append(sh.said[key], all[len(all)-1])
	}
	return nil
}

// place has a person put a page under the newest version of a template: where
// it lies, or with its corners moved for a form that it is not.
func (s *story) place(ctx context.Context, who string, sh *sheet, of string, wait bool) error {
	c := s.chains[of]
	w, h := float64(c.paper.blank.Rect.Dx()), float64(c.paper.blank.Rect.Dy())
	x := sh.shift
	corners := fmt.Sprintf("%g,%g %g,%g %g,%g %g,%g", x, x, x+w, x, x+w, x+h, x, x+h)
	if _, err := s.people[who].form(ctx, "/pages/"+sh.ID+"/place", url.Values{"template": {fmt.Sprint(c.ID)}, "corners": {corners}}); err != nil {
		return err
	}
	sh.Runs++
	if !wait {
		return nil
	}
	if err := s.people[who].settled(ctx, sh.ID); err != nil {
		return err
	}
	if sh.of != c { // values begin anew
		if sh.of != nil {
			names := sh.of.versions[sh.with].names()
			for key, list := range sh.said {
				for _, one := range list {
					one.Name = names[key]
					sh.Past = append(sh.Past, one)
				}
			}
			slices.SortFunc(sh.Past, func(a, b said) int { return a.At.Compare(b.At) })
		}
		sh.said = make(map[string][]said)
	}
	sh.of, sh.with = c, len(c.versions)-1
	return nil
}

// infer has a program call the API, and returns the submission.
func (s *story) infer(ctx context.Context, domain int, version, key string, f file) (string, error) {
	var answer struct {
		Images []struct{ UID string }
	}
	question := map[string]any{
		"version": version, "requestId": f.name, "timestamp": 0, "enableTableDetection": true,
		"images": []any{map[string]any{"format": "png", "name": f.name, "data": base64.StdEncoding.EncodeToString(f.data)}},
	}
	header := map[string]string{"Idempotency-Key": key}
	if err := s.program[domain].ask(ctx, s.house.Domains[domain-1].Invoke, header, question, &answer); err != nil {
		return "", err
	}
	body, err := s.program[domain].get(ctx, s.own(domain, "records/"+answer.Images[0].UID))
	if err != nil {
		return "", err
	}
	r := new(record)
	err = decode(body, r)
	return fmt.Sprint("/submissions/", r.Submission), err
}

// submit has a program hand files in without waiting.
func (s *story) submit(ctx context.Context, domain int, key string, files ...file) (string, error) {
	var list []any
	for _, f := range files {
		list = append(list, map[string]any{"name": f.name, "data": f.data})
	}
	var answer struct{ Submission int }
	err := s.program[domain].ask(ctx, s.own(domain, "submissions"), map[string]string{"Idempotency-Key": key}, map[string]any{"files": list}, &answer)
	return fmt.Sprint("/submissions/", answer.Submission), err
}

// memo is a page that is no form.
func (s *story) memo() (*image.Gray, error) {
	page := image.NewGray(image.Rect(0, 0, 700, 500))
	for i := range page.Pix {
		page.Pix[i] = 255
	}
	var errs []error
	for i, line := range []string{"영수증을 뒤에 붙였습니다.", "나머지는 다음 주에 보내겠습니다.", "감사합니다."} {
		errs = append(errs, s.pen.print(page, box{60, 60 + 70*float64(i), 600, 40}, line))
	}
	return page, errors.Join(errs...)
}

// tell makes the house, and returns once nothing is left to be done but what is
// left on purpose.
func (s *story) tell(ctx context.Context, outside string) error {
	for _, chapter := range []func(context.Context) error{
		func(ctx context.Context) error { return s.settings(ctx, outside) },
		s.first, s.second, s.third, s.others, s.neighbour,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

// foundations puts up what there is before the server starts.
func (s *story) foundations(ctx context.Context) error {
	for _, d := range []struct{ name, languages string }{{"총무과", "ko"}, {"지사", "ko,en"}} {
		out, err := s.release.run(ctx, "", "domain", "add", "--data", s.release.data, "--name", d.name, "--lang", d.languages)
		if err != nil {
			return err
		}
		var added struct {
			ID                 int
			InvokePath, Secret string
		}
		if err := decode([]byte(out), &added); err != nil {
			return err
		}
		s.house.Domains = append(s.house.Domains, domain{added.ID, added.InvokePath, added.Secret})
	}
	if _, err := s.release.run(ctx, "영업부\n기술연구소\n품질관리부\n", "list", "set", "--data", s.release.data, "--domain", "1", "--name", "부서"); err != nil {
		return err
	}
	claim, err := cut(405, 1500)
	if err != nil {
		return err
	}
	bank, err := cut(1505, 2030)
	if err != nil {
		return err
	}
	versions := claims(claim)
	trial, unfinished := versions[0], account(bank)
	trial.Name, trial.Fields = "여비 신청서 (시험)", claim.pick("성명", "사번", "직위", "교통_열차")
	trial.Tables, trial.Groups, trial.Combine = nil, nil, nil
	unfinished.Name = "작성 중인 서식"
	return errors.Join(
		s.add(ctx, "claim", 1, "service", claim, versions[0]),
		s.add(ctx, "account", 1, "service", bank, account(bank)),
		s.add(ctx, "trial", 1, "beta", claim, trial),
		s.add(ctx, "unfinished", 1, "draft", bank, unfinished),
		s.add(ctx, "branch claim", 2, "service", claim, versions[0]),
		s.add(ctx, "branch account", 2, "service", bank, account(bank)),
	)
}

func (s *story) settings(ctx context.Context, outside string) error {
	_, err := s.people["admin"].form(ctx, fmt.Sprintf("/templates/%d/validation", s.chains["claim"].ID), url.Values{"validation": {outside + "/check"}})
	if err != nil {
		return err
	}
	_, err = s.people["admin"].form(ctx, "/domains/2", url.Values{
		"name": {"지사"}, "language": {"ko", "en"}, "webhook": {outside + "/told"}, "cells": {"true"}, "tables": {"true"}, "quota": {"1000"},
	})
	return err
}

var firstRows = []int{1, 3, 4, 5}

// first is what happens while the first version is in service.
func (s *story) first(ctx context.Context) error {
	var pages [6]*sheet
	for i := 1; i <= 5; i++ {
		var err error
		if pages[i], err = s.upload(ctx, []string{"admin", "김하나"}[i%2], fmt.Sprintf("신청 %02d.png", i), "claim", "", claimText(i, firstRows, false)); err != nil {
			return err
		}
	}
	kim, lee := "김하나", "이두리"
	if err := errors.Join(
		s.correct(ctx, kim, pages[1], "성명", "강도형", "여비/row 3/내용", "점심 저녁", "여비/row 1/금액", "21,500", "교통_열차", "x", "교통_버스", "", "직위", "대리"),
		s.correct(ctx, lee, pages[1], "성명", "강두현", "출장/row 2/출장지", "공동 연구 과제 중간 발표", "사번", "2025335", "합계", ""),
		s.correct(ctx, kim, pages[2], "휴대전화", "010-1111-2222", "전자우편", "kim@daon.example.kr", "여비/row 3/금액", "33,300", "교통_기타", "x"),
		s.correct(ctx, lee, pages[3], "휴대전화", "010-3333-4444", "전자우편", "lee@daon.example.kr", "여비/row 3/금액", "44,400", "여비/row 4/내용", "공항 택시", "직위", "차장", "교통_자가용", ""),
		s.correct(ctx, kim, pages[4], "성명", "백철밍", "여비/row 3/내용", "손님 점심"),
		s.correct(ctx, kim, pages[5], "성명", "윤서징", "교통_열차", ""),
	); err != nil {
		return err
	}
	if err := errors.Join(
		s.place(ctx, lee, pages[4], "claim", true),
		s.correct(ctx, lee, pages[4], "성명", "백철민", "여비/row 5/금액", "55,500"),
		s.place(ctx, lee, pages[5], "account", true),
		s.correct(ctx, lee, pages[5], "예금주", "누구"),
	); err != nil {
		return err
	}
	return s.bundle(ctx)
}

// bundle hands in a document of two pages, one of them no form, and what
// programs send.
func (s *story) bundle(ctx context.Context) error {
	form, err := s.draw("claim", claimText(6, firstRows, false))
	if err != nil {
		return err
	}
	memo, err := s.memo()
	if err != nil {
		return err
	}
	pdf, err := writePDF([]*image.Gray{form, memo})
	if err != nil {
		return err
	}
	submission, err := s.people["김하나"].upload(ctx, 1, 0, file{"묶음.pdf", pdf})
	if err != nil {
		return err
	}
	sheets, err := s.found(ctx, 1, submission, "claim", "")
	if err != nil {
		return err
	}
	var scans [3]file
	for i := range scans {
		if scans[i], err = s.scan(fmt.Sprintf("보냄 %02d.png", 7+i), "claim", claimText(7+i, firstRows, false)); err != nil {
			return err
		}
	}
	called, err := s.infer(ctx, 1, "V2", "call 1", scans[0])
	if err != nil {
		return err
	}
	handed, err := s.submit(ctx, 1, "submission 1", scans[1:]...)
	if err != nil {
		return err
	}
	one, err := s.found(ctx, 1, called, "claim")
	if err != nil {
		return err
	}
	two, err := s.found(ctx, 1, handed, "claim", "claim")
	if err != nil {
		return err
	}
	return errors.Join(
		s.correct(ctx, "이두리", sheets[0], "여비/row 4/내용", "지하철"),
		s.correct(ctx, "이두리", one[0], "여비/row 5/내용", "주차", "교통_항공", "x"),
		s.correct(ctx, "김하나", two[1], "소속", "총무부"),
	)
}

// second is what happens once names have changed.
func (s *story) second(ctx context.Context) error {
	claim := s.chains["claim"]
	if err := s.add(ctx, "claim", 1, "service", claim.paper, claims(claim.paper)[1]); err != nil {
		return err
	}
	sh, err := s.upload(ctx, "김하나", "신청 10.png", "claim", "", claimText(10, firstRows, false))
	if err != nil {
		return err
	}
	again := s.sheet("신청 02.png")
	return errors.Join(
		s.correct(ctx, "김하나", sh, "휴대전화", "010-5555-6666", "여비/row 3/내용", "회식", "교통_기타", "x", "전자우편", "ten@daon.example.kr"),
		s.place(ctx, "이두리", again, "claim", true),
		s.correct(ctx, "이두리", again, "여비/row 4/내용", "버스"),
	)
}

// third is what happens once rows, columns and boxes have changed.
func (s *story) third(ctx context.Context) error {
	claim := s.chains["claim"]
	if err := s.add(ctx, "claim", 1, "service", claim.paper, claims(claim.paper)[2]); err != nil {
		return err
	}
	all := []int{1, 2, 3, 4, 5}
	text := claimText(11, all, true)
	delete(text, "전자우편")
	sh, err := s.upload(ctx, "이두리", "신청 11.png", "claim", "", text)
	if err != nil {
		return err
	}
	text = claimText(12, all, true)
	delete(text, "전자우편")
	left, err := s.upload(ctx, "이두리", "신청 12.png", "claim", "", text)
	if err != nil {
		return err
	}
	again := s.sheet("신청 03.png")
	return errors.Join(
		s.correct(ctx, "김하나", sh, "여비/row 2/구분", "숙식비", "여비/row 3/금액", "66,600", "직위", "이사", "휴대전화", "010-7777-8888", "교통_버스", ""),
		s.correct(ctx, "김하나", left, "여비/row 2/내용", "하루 숙소", "여비/row 5/구분", "주차비"),
		s.place(ctx, "김하나", again, "claim", true),
		s.correct(ctx, "이두리", again, "여비/row 2/내용", "적지 않음", "여비/row 5/금액", "77,700"),
	)
}

// others are pages of other templates, and of none.
func (s *story) others(ctx context.Context) error {
	trial, err := s.upload(ctx, "admin", "시험 13.png", "trial", "trial", map[string]string{"성명": "황유나", "사번": "2022076", "직위": "대리", "교통_열차": "x"})
	if err != nil {
		return err
	}
	account, err := s.upload(ctx, "admin", "계좌 14.png", "account", "", accountText(14))
	if err != nil {
		return err
	}
	if _, err := s.upload(ctx, "admin", "계좌 15.png", "account", "", accountText(15)); err != nil {
		return err
	}
	memo, err := s.memo()
	if err != nil {
		return err
	}
	plain, err := encode(memo, 0)
	if err != nil {
		return err
	}
	for _, f := range []file{{"쪽지 16.png", plain}, {"손상 17.png", plain[:len(plain)/3]}} {
		submission, err := s.people["admin"].upload(ctx, 1, 0, f)
		if err != nil {
			return err
		}
		if _, err := s.found(ctx, 1, submission, ""); err != nil {
			return err
		}
	}
	return errors.Join(
		s.correct(ctx, "김하나", trial, "직위", "과장", "교통_열차", ""),
		s.correct(ctx, "이두리", account, "은행명", "하나은행", "계좌번호", "11043827501"),
	)
}

// neighbour is what happens in the other domain.
func (s *story) neighbour(ctx context.Context) error {
	claim, err := s.scan("보냄 18.png", "branch claim", claimText(18, firstRows, false))
	if err != nil {
		return err
	}
	account, err := s.scan("보냄 19.png", "branch account", accountText(19))
	if err != nil {
		return err
	}
	called, err := s.infer(ctx, 2, "V1", "call 1", claim) // the same key as in the other domain
	if err != nil {
		return err
	}
	handed, err := s.submit(ctx, 2, "submission 1", account)
	if err != nil {
		return err
	}
	one, err := s.found(ctx, 2, called, "branch claim")
	if err != nil {
		return err
	}
	two, err := s.found(ctx, 2, handed, "branch account")
	if err != nil {
		return err
	}
	return errors.Join(
		s.correct(ctx, "admin", one[0], "여비/row 3/금액", "88,800", "휴대전화", "010-9999-0000"),
		s.correct(ctx, "admin", two[0], "예금주", "아무개"),
	)
}

func (s *story) sheet(document string) *sheet {
	return s.sheets[slices.IndexFunc(s.sheets, func(sh *sheet) bool { return sh.Document == document })]
}

// leave has two things left to be done when the server ends: a page that is to
// be read again, and one that is to be read.
func (s *story) leave(ctx context.Context) error {
	f, err := s.scan("대기 20.png", "branch account", accountText(20))
	if err != nil {
		return err
	}
	if err := s.place(ctx, "김하나", s.sheet("신청 12.png"), "claim", false); err != nil {
		return err
	}
	for i := range s.house.Pages {
		if p := &s.house.Pages[i]; p.Document == "신청 12.png" {
			p.Pending, p.Runs = true, p.Runs+1
		}
	}
	if _, err := s.people["admin"].upload(ctx, 2, 0, f); err != nil {
		return err
	}
	s.house.Pages = append(s.house.Pages, page{
		Domain: 2, Document: f.name, Number: 1, Pending: true, Runs: 1, Template: s.chains["branch account"].ID, Version: 1,
	})
	return nil
}
