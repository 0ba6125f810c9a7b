//! What the name of a column says: that it holds the person's key, or that it tells who somebody is.
//!
//! In English, French, German, Spanish, Italian, Dutch and Portuguese.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Names of a column that holds the key of a person, the likeliest first: letters and digits alone, without accents.
const KEYS: [&str; 39] = [
    "mrn",
    "patientid",
    "patid",
    "patientnumber",
    "patientkey",
    "patientno",
    "patnr",
    "patientennr",
    "patientennummer",
    "patientnr",
    "patientnummer",
    "numeropatient",
    "numpatient",
    "nopatient",
    "idpatient",
    "ipp",
    "idpaciente",
    "numeropaciente",
    "nhc",
    "idpaziente",
    "codicepaziente",
    "usubjid",
    "subjid",
    "subjectid",
    "personid",
    "participantid",
    "recordid",
    "studyid",
    "pseudonym",
    "pseudoid",
    "dossier",
    "numerodossier",
    "patient",
    "subject",
    "person",
    "participant",
    "pid",
    "sid",
    "id",
];

/// Parts of the name of a column that tells who a patient or somebody of the staff is: a family name may be shared by five people.
const IDENTIFIERS: [&str; 66] = [
    "surname",
    "firstname",
    "lastname",
    "fullname",
    "initials",
    "address",
    "street",
    "phone",
    "telephone",
    "mobile",
    "email",
    "mail",
    "ssn",
    "mrn",
    "postcode",
    "postal",
    "zip",
    "zipcode",
    "nom",
    "prenom",
    "adresse",
    "rue",
    "telephone",
    "courriel",
    "nachname",
    "vorname",
    "familienname",
    "strasse",
    "anschrift",
    "plz",
    "telefon",
    "apellido",
    "apellidos",
    "direccion",
    "calle",
    "telefono",
    "correo",
    "cognome",
    "indirizzo",
    "achternaam",
    "voornaam",
    "adres",
    "straat",
    "sobrenome",
    "endereco",
    "morada",
    "telefone",
    "physician",
    "doctor",
    "surgeon",
    "nurse",
    "clinician",
    "practitioner",
    "medecin",
    "docteur",
    "chirurgien",
    "infirmier",
    "infirmiere",
    "arzt",
    "aerztin",
    "arztin",
    "chirurg",
    "medico",
    "medica",
    "arts",
    "huisarts",
];

/// `name` in these languages. Beside one of [`THINGS`] it is a thing's.
const NAMES: [&str; 6] = ["name", "names", "nombre", "nome", "naam", "namen"];
const THINGS: [&str; 22] = [
    "event",
    "drug",
    "test",
    "lab",
    "ward",
    "hospital",
    "site",
    "variable",
    "study",
    "instrument",
    "department",
    "code",
    "arm",
    "form",
    "device",
    "product",
    "procedure",
    "diagnosis",
    "unit",
    "medication",
    "redcap",
    "analyte",
];

/// Endings of compounds that do: `Patientenname`, `Hausarzt`, `Wohnadresse`, `Fallnummer`.
const ENDINGS: [&str; 12] =
    ["name", "namen", "arzt", "arztin", "aerztin", "adresse", "address", "strasse", "street", "nummer", "nr", "mrn"];
/// Parts of the name of a column of somebody's or something's number.
const NUMBERS: [&str; 10] =
    ["nr", "nummer", "numero", "fall", "case", "visit", "encounter", "operateur", "provider", "attending"];

/// How likely a column holds the person's key, the less the likelier; none where its name does not say so.
pub(super) fn key_rank(column: &str) -> Option<usize> {
    let name: String = parts(column).concat();
    KEYS.iter().position(|key| *key == name)
}

/// Whether the name says that the column tells who somebody is.
pub(super) fn identifies(column: &str) -> bool {
    let parts = parts(column);
    let has = |words: &[&str]| parts.iter().any(|part| words.contains(&part.as_str()));
    let ends = |part: &String| ENDINGS.iter().any(|ending| part.len() > ending.len() && part.ends_with(ending));
    let numbers = parts.iter().any(|part| NUMBERS.contains(&part.as_str()) || part.starts_with("patient"));
    has(&IDENTIFIERS) || (has(&NAMES) || parts.iter().any(ends)) && !has(&THINGS) || numbers
}

/// The words of a name in small letters without accents.
fn parts(column: &str) -> Vec<String> {
    let plain: String =
        column.nfd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase().replace('ß', "ss");
    let words = plain.split(|c: char| !c.is_alphabetic());
    words.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_names_of_people_are_known_in_seven_languages() {
        for key in ["Pat-Nr", "MRN", "record_id", "Patient ID", "Numéro patient", "USUBJID", "N° dossier", "id"] {
            assert_eq!(key_rank(key).is_some(), key != "N° dossier", "{key}");
        }
        assert!(key_rank("mrn") < key_rank("id"));
        for column in
            ["Médecin traitant", "last_name", "Nachname", "Ärztin", "Prénom", "e_mail", "name", "patient name"]
        {
            assert!(identifies(column), "{column}");
        }
        for column in
            ["Patientenname", "Hausarzt", "docteur1", "strasse2", "Fallnummer", "Patientin", "case_id", "hosp_nr"]
        {
            assert!(identifies(column), "{column}");
        }
        for column in ["redcap_event_name", "drug_name", "age", "sex", "ward", "stage", "Art der Aufnahme"] {
            assert!(!identifies(column), "{column}");
        }
    }
}
