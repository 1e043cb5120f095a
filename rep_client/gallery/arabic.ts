/** A host's own words: what a language that is written from right to left looks like. */

import { en } from '../src/panel/texts/en.js';
import type { Texts } from '../src/panel/texts/texts.js';

export const arabic: Texts = {
  ...en,
  panel: 'المدرب المباشر',
  kinds: {
    ...en.kinds,
    objection: 'اعتراض',
    question: 'سؤال',
    signal: 'إشارة شراء',
    pace: 'إيقاع',
    competitor: 'منافس',
    approval: 'موافقتك',
  },
  conditions: { ...en.conditions, listening: 'يستمع', waiting_for_consent: 'بانتظار الموافقة' },
  stages: { ...en.stages, discovery: 'الاستكشاف', opening: 'الافتتاح' },
  quiet: { ...en.quiet, listening: ['كل شيء هادئ', 'تظهر هنا إشارة عندما تفيدك.'] },
  say: 'قل',
  speakers: { prospect: 'العميل', rep: 'أنت', team: 'زميل' },
  details: 'التفاصيل',
  actions: {
    useful: 'مفيد',
    used: 'استخدمته',
    dispute: 'خطأ',
    dismiss: 'إخفاء',
    approve: 'أوافق',
    reject: 'أرفض',
  },
  given: { ...en.given, useful: 'مفيد', used: 'مستخدم' },
  consent: {
    ...en.consent,
    title: 'اسأل قبل أن نستمع',
    readAloud: 'اقرأ بصوت عالٍ',
    granted: 'وافقوا',
    denied: 'رفضوا',
    isGranted: 'تمت الموافقة',
    revoke: 'إلغاء',
  },
  earlier: 'سابقًا',
  ask: 'اطلب بطاقة',
};

export const ARABIC_GUIDANCE = 'اسأل قبل أن تعرض: الفرق، أداة اليوم، ما الذي يتعثر، من يقرر ومتى.';

const HEADLINES: Readonly<Record<string, string>> = {
  signal: 'إشارة شراء: اتفق على الخطوة التالية الآن',
  question: 'الأمان: تقرير SOC 2 والبيانات تبقى في أوروبا',
  competitor: 'FieldFox: لا يعمل دون اتصال',
  pace: 'تتحدث منذ دقيقتين: اطرح سؤالًا',
};

export function isArabic(): boolean {
  return document.documentElement.lang === 'ar';
}

/** The words of a hint, as a playbook in Arabic would have them. */
export function arabicWords({ kind }: Record<string, unknown>): Record<string, unknown> {
  return {
    headline: HEADLINES[String(kind)] ?? 'اعتراض على السعر: ركّز على سرعة العائد',
    say: 'معظم الفرق تسترد هذا خلال ستة أسابيع. هل ننظر إلى أرقامكم؟',
    detail: 'ذكروا الميزانية. اعرض شريحة العائد واذكر فترة الأسابيع الستة.',
    evidence: {
      speaker: 'prospect',
      identity: 'b',
      quote: 'هذا أعلى بكثير من ميزانيتنا',
      start_ms: 61_200,
      end_ms: 63_050,
    },
  };
}
