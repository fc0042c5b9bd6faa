package main

import (
	"strconv"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample"
)

// A claim is what one invented employee writes on the form, and how it
// reaches the office.
type claim struct {
	text     map[form.FieldID]string
	ticked   []form.FieldID
	expenses [][4]string // day, kind, what for, amount
	style    sample.Style
	level    sample.Level
	seed     uint64
	approved int // how many superiors have put their seal
}

// values returns what is to be written.
func (c *claim) values() map[form.FieldID]sample.Value {
	values := map[form.FieldID]sample.Value{}
	for id, text := range c.text {
		values[id] = sample.Value{Text: text}
	}
	for _, id := range c.ticked {
		values[id] = sample.Value{Checked: true}
	}
	for row, cells := range c.expenses {
		for column, text := range cells {
			values[form.FieldID("여비["+strconv.Itoa(row+1)+","+strconv.Itoa(column)+"]")] = sample.Value{Text: text}
		}
	}
	return values
}

// claims are the pages of the demo, in the order of its files.
var claims = []claim{
	{
		text: map[form.FieldID]string{
			"성명": "윤서진", "사번": "2018034", "소속": "영업2팀", "직위": "과장", "휴대전화": "010-4417-2086", "전자우편": "seojin.yun@daon.example.kr",
			"출장지": "부산광역시 해운대구", "출발일": "2025. 4. 14.", "도착일": "2025. 4. 16.", "출장목적": "신규 거래처 방문 및 납품 단가 협의",
			"합계": "412,600", "은행명": "신한은행", "예금주": "윤서진", "계좌번호": "110438275016", "비고": "둘째 날 숙박은 거래처에서 제공함",
			"신청일": "2025년 4월 18일", "신청인": "윤서진",
		},
		ticked: []form.FieldID{"교통_열차", "교통_기타"},
		expenses: [][4]string{
			{"4. 14.", "교통비", "서울-부산 열차 왕복", "119,600"},
			{"4. 14.", "숙박비", "해운대 숙소 1박", "98,000"},
			{"4. 15.", "식비", "거래처 담당자 석식", "145,000"},
			{"4. 16.", "교통비", "시내 택시", "50,000"},
		},
		style: sample.Style{Font: "Nanum Gothic"}, level: sample.Scanned, seed: 110, approved: 2,
	},
	{
		text: map[form.FieldID]string{
			"성명": "강도현", "사번": "2021107", "소속": "기술연구소", "직위": "선임연구원", "휴대전화": "010-9352-7740", "전자우편": "dohyun@daon.example.kr",
			"출장지": "대전광역시 유성구", "출발일": "2025. 5. 7.", "도착일": "2025. 5. 8.", "출장목적": "공동 연구 과제 중간 발표",
			"합계": "187,300", "은행명": "국민은행", "예금주": "강도현", "계좌번호": "93820201457731", "신청일": "2025. 5. 9.", "신청인": "강도현",
		},
		ticked: []form.FieldID{"교통_자가용"},
		expenses: [][4]string{
			{"5. 7.", "유류비", "서울-대전 왕복", "72,300"},
			{"5. 7.", "통행료", "고속도로", "21,000"},
			{"5. 7.", "숙박비", "유성 1박", "94,000"},
		},
		style: sample.Style{Hand: true, Font: "Nanum Barunpen", Messy: .15}, level: sample.Rotated, seed: 111, approved: 1,
	},
	{
		text: map[form.FieldID]string{
			"성명": "문하늘", "사번": "2023019", "소속": "품질관리부", "직위": "사원", "휴대전화": "010-2685-1193", "전자우편": "sky19@daon.example.kr",
			"출장지": "전라남도 여수시", "출발일": "2025. 5. 20.", "도착일": "2025. 5. 21.", "출장목적": "협력사 공장 정기 점검",
			"합계": "264,500", "은행명": "농협은행", "예금주": "문하늘", "계좌번호": "3020714458291", "비고": "영수증 4매 첨부", "신청일": "2025. 5. 23.", "신청인": "문하늘",
		},
		ticked: []form.FieldID{"교통_열차", "교통_버스"},
		expenses: [][4]string{
			{"5. 20.", "교통비", "용산-여수 열차", "47,200"},
			{"5. 20.", "숙박비", "여수 1박", "85,000"},
			{"5. 21.", "식비", "점심과 저녁", "38,500"},
			{"5. 21.", "교통비", "여수-서울 버스", "93,800"},
		},
		style: sample.Style{Hand: true, Font: "Nanum Pen", Messy: .3}, level: sample.Photo, seed: 82,
	},
	{
		text: map[form.FieldID]string{
			"성명": "임정숙", "사번": "2009002", "소속": "총무팀", "직위": "부장", "휴대전화": "010-7720-5318", "전자우편": "lim@daon.example.kr",
			"출장지": "제주특별자치도 제주시", "출발일": "2025. 6. 2.", "도착일": "2025. 6. 4.", "출장목적": "연수원 시설 계약 갱신",
			"합계": "538,000", "은행명": "하나은행", "예금주": "임정숙", "계좌번호": "27591003846207", "신청일": "2025년 6월 5일", "신청인": "임정숙",
		},
		ticked: []form.FieldID{"교통_항공"},
		expenses: [][4]string{
			{"6. 2.", "항공료", "김포-제주 왕복", "214,000"},
			{"6. 2.", "숙박비", "제주 2박", "236,000"},
			{"6. 3.", "교통비", "렌터카 1일", "88,000"},
		},
		style: sample.Style{Font: "Nanum Gothic Coding"}, level: sample.Fax, seed: 33, approved: 3,
	},
	{
		text: map[form.FieldID]string{
			"성명": "백철민", "사번": "2015048", "소속": "생산관리팀", "직위": "차장", "휴대전화": "010-3094-8852", "전자우편": "baek48@daon.example.kr",
			"출장지": "경상남도 창원시", "출발일": "2025. 6. 11.", "도착일": "2025. 6. 12.", "출장목적": "금형 설비 검수 입회",
			"합계": "196,400", "은행명": "우리은행", "예금주": "백철민", "계좌번호": "1002847391056", "비고": "법인 차량 이용, 유류비 없음", "신청일": "2025년 6월 13일", "신청인": "백철민",
		},
		ticked: []form.FieldID{"교통_기타"},
		expenses: [][4]string{
			{"6. 11.", "숙박비", "창원 1박", "79,000"},
			{"6. 11.", "식비", "검수 인원 3명 석식", "96,000"},
			{"6. 12.", "통행료", "남해고속도로 왕복", "21,400"},
		},
		style: sample.Style{Font: "Nanum Barun Gothic"}, level: sample.Scanned, seed: 54, approved: 3,
	},
	{
		text: map[form.FieldID]string{
			"성명": "황유나", "사번": "2022076", "소속": "홍보실", "직위": "대리", "휴대전화": "010-5561-9407", "전자우편": "yuna.h@daon.example.kr",
			"출장지": "강원특별자치도 강릉시", "출발일": "2025. 6. 17.", "도착일": "2025. 6. 18.", "출장목적": "사보 취재와 사진 촬영",
			"합계": "173,900", "은행명": "카카오뱅크", "예금주": "황유나", "계좌번호": "3333071924586", "비고": "촬영 장비 대여료는 따로 청구", "신청일": "2025. 6. 19.", "신청인": "황유나",
		},
		ticked: []form.FieldID{"교통_열차", "교통_자가용"},
		expenses: [][4]string{
			{"6. 17.", "교통비", "서울-강릉 열차", "55,200"},
			{"6. 17.", "숙박비", "강릉 1박", "82,000"},
			{"6. 18.", "식비", "취재원 점심", "36,700"},
		},
		style: sample.Style{Hand: true, Font: "Nanum Brush", Messy: .75}, level: sample.Scanned, seed: 15,
	},
}
