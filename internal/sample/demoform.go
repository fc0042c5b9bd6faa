package sample

import (
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// DrawDemo draws the blank form of the demo: a claim for travel expenses of
// an invented company. Package demo has it drawn already.
func DrawDemo() (*Blank, error) {
	body, err := findTypeface("Nanum Gothic")
	if err != nil {
		return nil, err
	}
	strong, err := findTypeface("Nanum Gothic Bold")
	if err != nil {
		return nil, err
	}
	const width, height = 1654, 2339
	s := &sheet{
		canvas: newCanvas(width, height),
		template: &form.Template{
			Name: "출장 여비 정산 신청서", Languages: []string{"ko"}, ImageName: "template.png", Width: width, Height: height,
		},
		contents: map[form.FieldID]Content{},
		labels:   map[form.FieldID]string{},
		print:    withFallback(body, "ko"),
		strong:   withFallback(strong, "ko"),
		size:     26, rule: 2, border: 4, inset: 4, shade: gray(232), ink: gray(20), corner: 14,
	}
	s.drawDemoHead()
	y := s.drawDemoPeople(460)
	y = s.drawDemoTrip(y + 74)
	y = s.drawDemoExpenses(y + 74)
	y = s.drawDemoAccount(y + 74)
	s.drawDemoFoot(y)
	s.template.Combine = []form.Combined{{Name: "출장기간", Parts: []form.Part{{Field: "출발일"}, {Text: " ~ "}, {Field: "도착일"}}}}
	return s.blank(), nil
}

// The demo's margins and the pitch of its rows, in px.
const (
	demoLeft, demoRight = 130, 1524
	demoRow             = 72
	demoLabel           = 190
)

func (s *sheet) drawDemoHead() {
	s.text(s.print, "서식 제7호", geom.Point{X: demoLeft, Y: 118}, 22, 0, s.ink)
	s.textIn(s.print, "주식회사 다온기연", geom.XYWH(1124, 92, 400, 36), 24, right, s.ink)
	title := "출장 여비 정산 신청서"
	box := s.textIn(s.strong, title, geom.XYWH(327, 150, 1000, 80), 60, center, s.ink)
	s.template.Title = form.Title{Name: "제목", Text: title, Box: box.Grow(10)}
	s.hline(box.Min.X-30, box.Max.X+30, 248, 2, s.ink)
	s.hline(box.Min.X-30, box.Max.X+30, 255, 4, s.ink)

	s.text(s.print, "※ 굵은 선 안쪽을 빠짐없이 적어 주십시오.", geom.Point{X: demoLeft, Y: 342}, 21, 0, s.ink)
	s.text(s.print, "※ 해당하는 곳의 네모 칸에 표시하십시오.", geom.Point{X: demoLeft, Y: 376}, 21, 0, s.ink)

	// The boxes where superiors sign or seal: printed structure, not read.
	x, y := 1124.0, 276.0
	s.label(geom.XYWH(x, y, 40, 114), "결\n재")
	s.vline(x+40, y, y+114, s.rule, s.ink)
	for i, who := range []string{"담당", "팀장", "본부장"} {
		b := geom.XYWH(x+40+120*float64(i), y, 120, 114)
		s.label(geom.XYWH(b.Min.X+1, y, 119, 34), who)
		s.vline(b.Max.X, y, b.Max.Y, s.rule, s.ink)
	}
	s.hline(x+40, x+400, y+34, s.rule, s.ink)
	s.frame(geom.XYWH(x, y, 400, 114), s.border-1, s.ink)
}

// demoGrid draws a heading and rows below it and returns the bottom.
func (s *sheet) demoGrid(heading string, y float64, rows ...[]cell) float64 {
	top := s.heading(heading, demoLeft, y)
	for _, cells := range rows {
		y = s.row(geom.XYWH(demoLeft, y, demoRight-demoLeft, demoRow), cells...)
	}
	s.frame(geom.XYWH(demoLeft, top, demoRight-demoLeft, y-top), s.border, s.ink)
	return y
}

func (s *sheet) drawDemoPeople(y float64) float64 {
	must := form.Rules{Required: true}
	return s.demoGrid("1. 신청인", y,
		[]cell{
			{width: demoLabel, label: "성    명"},
			{put: s.field("성명", Name, form.Rules{Required: true, Pattern: "[가-힣]{2,5}"})},
			{width: demoLabel, label: "사    번"},
			{put: func(b geom.Box) {
				s.boxes("사번", 7, Digits, b.Min.X+20, b, nil, form.Rules{Required: true, Pattern: `\d{7}`})
			}},
		}, []cell{
			{width: demoLabel, label: "소속 부서"},
			{put: s.field("소속", Department, must)},
			{width: demoLabel, label: "직    위"},
			{put: s.field("직위", Position, form.Rules{})},
		}, []cell{
			{width: demoLabel, label: "휴대전화"},
			{put: s.field("휴대전화", Phone, form.Rules{Required: true, Pattern: `01\d-\d{3,4}-\d{4}`})},
			{width: demoLabel, label: "전자우편"},
			{put: s.field("전자우편", Email, form.Rules{Pattern: `[^@\s]+@[^@\s]+\.[a-z]+`})},
		})
}

func (s *sheet) drawDemoTrip(y float64) float64 {
	day := form.Rules{Required: true, NotBefore: "2020-01-01", NotAfter: form.Today}
	return s.demoGrid("2. 출장 내용", y,
		[]cell{
			{width: demoLabel, label: "출 장 지"},
			{put: s.field("출장지", Place, form.Rules{Required: true})},
			{width: demoLabel, label: "출장 기간"},
			{put: func(b geom.Box) {
				w := b.Width() / 2
				s.field("출발일", Date, day)(geom.XYWH(b.Min.X, b.Min.Y, w-14, b.Height()))
				s.textIn(s.print, "~", geom.XYWH(b.Min.X+w-14, b.Min.Y, 28, b.Height()), s.size, center, s.ink)
				s.field("도착일", Date, day)(geom.XYWH(b.Min.X+w+14, b.Min.Y, w-14, b.Height()))
			}},
		}, []cell{
			{width: demoLabel, label: "출장 목적"},
			{put: s.field("출장목적", Reason, form.Rules{})},
		}, []cell{
			{width: demoLabel, label: "교통수단"},
			{put: func(b geom.Box) {
				s.checks("교통수단", AnyOf, "Y", "N", []choice{
					{"교통_열차", "열차(KTX·SRT)"},
					{"교통_버스", "고속버스"},
					{"교통_항공", "항공"},
					{"교통_자가용", "자가용"},
					{"교통_기타", "기타"},
				}, b)
			}},
		})
}

func (s *sheet) drawDemoExpenses(y float64) float64 {
	const header, rows, pitch = 54, 5, 62
	least := 1.0
	s.heading("3. 여비 명세", demoLeft, y)
	s.textIn(s.print, "(단위: 원)", geom.XYWH(demoRight-200, y-38, 200, 30), 21, right, s.ink)
	b := geom.XYWH(demoLeft, y, demoRight-demoLeft, header+rows*pitch)
	s.table("여비", b, header, rows, []column{{"일자", .14, Date}, {"구분", .16, Item}, {"내용", .47, Words}, {"금액", .23, Amount}})
	s.template.Tables[0].Columns[0].Rules.Date = true
	s.template.Tables[0].Columns[3].Rules.Min = &least
	sum := geom.XYWH(demoLeft, b.Max.Y, b.Width(), demoRow)
	s.row(sum,
		cell{width: .77 * b.Width(), label: "합            계"},
		cell{put: s.field("합계", Amount, form.Rules{Required: true, Sum: []string{"여비.금액"}})})
	s.frame(sum, s.border, s.ink)
	return sum.Max.Y
}

func (s *sheet) drawDemoAccount(y float64) float64 {
	y = s.demoGrid("4. 입금 계좌", y,
		[]cell{
			{width: demoLabel, label: "은 행 명"},
			{put: s.field("은행명", Bank, form.Rules{Required: true})},
			{width: demoLabel, label: "예 금 주"},
			{put: s.field("예금주", Name, form.Rules{Required: true, Pattern: "[가-힣]{2,5}"})},
		}, []cell{
			{width: demoLabel, label: "계좌번호"},
			{put: func(b geom.Box) {
				s.boxes("계좌번호", 14, Account, b.Min.X+20, b, nil, form.Rules{Required: true, Pattern: `\d{10,14}`})
			}},
		})
	b := geom.XYWH(demoLeft, y+22, demoRight-demoLeft, 118)
	s.row(b, cell{width: demoLabel, label: "비    고"}, cell{put: s.field("비고", Reason, form.Rules{})})
	s.frame(b, s.border, s.ink)
	return b.Max.Y
}

func (s *sheet) drawDemoFoot(y float64) {
	line := func(text string, y, size float64) {
		s.textIn(s.print, text, geom.XYWH(demoLeft, y-20, demoRight-demoLeft, 40), size, center, s.ink)
	}
	line("위와 같이 출장 여비의 정산을 신청하며, 적은 내용이 사실과 다르지 않음을 확인합니다.", y+62, 25)
	s.text(s.print, "신청일", geom.Point{X: 620, Y: y + 146}, 25, 0, s.ink)
	s.underlined("신청일", Date, geom.XYWH(716, y+104, 330, 54), form.Rules{Required: true, NotBefore: "2020-01-01", NotAfter: form.Today})
	s.text(s.print, "신청인", geom.Point{X: 1090, Y: y + 146}, 25, 0, s.ink)
	s.underlined("신청인", Name, geom.XYWH(1186, y+104, 250, 54), form.Rules{Required: true})
	s.text(s.print, "(인)", geom.Point{X: 1452, Y: y + 146}, 25, 0, s.ink)
	s.textIn(s.strong, "주식회사 다온기연 대표이사 귀하", geom.XYWH(demoLeft, y+196, demoRight-demoLeft, 60), 36, center, s.ink)
	line("구비 서류: 영수증 원본, 출장 명령서 사본 각 1부 (뒷면에 붙임)", y+296, 20)
	s.textIn(s.print, "210㎜×297㎜ (재활용품)", geom.XYWH(1124, 2216, 400, 30), 17, right, s.ink)
}
