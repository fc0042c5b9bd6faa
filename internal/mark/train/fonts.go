package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/seosik/seosik/internal/mark/draw"
)

// The fonts are in the Debian packages fonts-dejavu-core, fonts-dejavu-extra,
// fonts-liberation, fonts-nanum, fonts-nanum-extra, fonts-noto-cjk,
// fonts-noto-cjk-extra, fonts-unfonts-core, fonts-unfonts-extra,
// fonts-baekmuk, fonts-ipaexfont,
// fonts-lxgw-wenkai, fonts-klee, fonts-kiloji, fonts-breip,
// fonts-dkg-handwriting, fonts-femkeklaver, fonts-humor-sans, fonts-bwht,
// fonts-kristi, fonts-comic-neue, fonts-tomsontalks, fonts-rufscript,
// fonts-sjfonts and fonts-ecolier-court.
const (
	printFonts = `DejaVuSans.ttf DejaVuSans-Bold.ttf DejaVuSans-Oblique.ttf DejaVuSans-ExtraLight.ttf
		DejaVuSansMono.ttf DejaVuSansMono-Bold.ttf DejaVuSerif.ttf DejaVuSerif-Italic.ttf DejaVuSerif-Bold.ttf
		DejaVuSansCondensed.ttf DejaVuSerifCondensed.ttf
		LiberationMono-Bold.ttf LiberationSans-Regular.ttf LiberationSans-Bold.ttf LiberationSans-Italic.ttf
		LiberationSansNarrow-Regular.ttf LiberationSerif-Regular.ttf LiberationSerif-Bold.ttf
		LiberationSerif-Italic.ttf LiberationMono-Italic.ttf
		NanumBarunGothic.ttf NanumBarunGothicUltraLight.ttf NanumGothic.ttf NanumGothicBold.ttf
		NanumGothicCoding.ttf NanumMyeongjo.ttf NanumMyeongjoBold.ttf NanumSquareR.ttf NanumSquareRoundR.ttf
		NanumGothicLight.ttf
		NotoSansCJK-Regular.ttc NotoSansCJK-Bold.ttc NotoSerifCJK-Regular.ttc NotoSerifCJK-Bold.ttc
		UnBatang.ttf UnDotum.ttf UnGraphic.ttf UnDinaru.ttf UnGungseo.ttf UnTaza.ttf UnVada.ttf
		batang.ttf gulim.ttf hline.ttf ipaexg.ttf ipaexm.ttf`
	handFonts = `NanumPen.ttf NanumBrush.ttf NanumBarunpenR.ttf NanumBarunpenB.ttf UnPen.ttf UnPenheulim.ttf
		UnPilgia.ttf LXGWWenKai-Regular.ttf LXGWWenKai-Light.ttf KleeOne-Regular.ttf kiloji.ttf
		kiloji_b.ttf kiloji_p.ttf kiloji_d.ttf Breip.ttf dkgBI.ttf dkg.ttf femkeklaver.ttf
		Humor-Sans.ttf BecauseWeBuild-Regular.otf BecauseWeConnect-Regular.otf BecauseWeCreate-Regular.otf
		BecauseWeMentor-Regular.otf BecauseWeOrganize-Regular.otf
		Kristi.ttf ComicNeue-Regular.otf ComicNeue-Italic.otf TomsonTalks.ttf SteveHand.ttf Ecolier-court.ttf`
	// What is learnt is checked with fonts that it was not learnt from.
	keptPrintFonts = `LiberationMono-Regular.ttf UnShinmun.ttf dotum.ttf NanumGothicEcoR.ttf`
	keptHandFonts  = `UnPilgi.ttf BecauseWeLearn-Regular.otf Delphine.ttf Rufscript010.ttf`
)

// openFonts returns the fonts of the given file names in a folder.
func openFonts(folder, names string) ([]draw.Font, error) {
	paths := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths[d.Name()] = path
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var fonts []draw.Font
	for _, name := range strings.Fields(names) {
		path, ok := paths[name]
		if !ok {
			return nil, fmt.Errorf("no font %s in %s; fonts.go names the packages", name, folder)
		}
		f, err := draw.OpenFont(path)
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", name, err)
		}
		fonts = append(fonts, f)
	}
	return fonts, nil
}
