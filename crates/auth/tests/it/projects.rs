//! What a role is given for, and what ends it.

use coda_policy::Project;
use coda_runtime::Clock as _;
use coda_wire::v1::{GrantRequest, ListProjectsRequest};
use time::Duration;
use tonic::Code;

use crate::hub::{Hub, START, refused, wanted};

const NONE: &str =
    "there is no such project, or it is over; the hub opens one with its approval (coda projects lists them)";

#[tokio::test]
async fn a_role_is_given_for_an_approved_project_with_reason_and_end() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    hub.project("of the south", &["south"]).await;
    let (max, sara) = (hub.person("max"), hub.person("sara"));
    let researcher = || wanted("ana", "site-researcher", "north");
    let with = |project: &str| GrantRequest { project: project.to_owned(), ..researcher() };
    let text = "a role with access to data is given for an approved project; name it (--project)";
    refused(sara.grant_this(with("")).await, Code::InvalidArgument, text);
    refused(sara.grant_this(with("unheard of")).await, Code::NotFound, NONE);
    let text = "the approval of the project does not have this site";
    refused(sara.grant_this(with("of the south")).await, Code::InvalidArgument, text);
    let text = "a role that administers is given for no project";
    let administrator = GrantRequest { project: "study".to_owned(), ..wanted("bob", "site-administrator", "north") };
    refused(max.grant_this(administrator).await, Code::InvalidArgument, text);
    let text = "the grant would outlive its project; give an earlier end, or none for the project's own";
    let long = GrantRequest { until: (START + Duration::days(731)).unix_timestamp(), ..researcher() };
    refused(sara.grant_this(long).await, Code::InvalidArgument, text);
    let text = "say why the role is given, in 1 to 500 characters (--reason)";
    for reason in ["", "a\u{1b}[2J", &"x".repeat(501)] {
        let request = GrantRequest { reason: reason.to_owned(), ..researcher() };
        refused(sara.grant_this(request).await, Code::InvalidArgument, text);
    }

    sara.grant_this(researcher()).await.unwrap();
    max.grant_this(wanted("bob", "site-administrator", "north")).await.unwrap();
    let grants = sara.list().await.unwrap();
    let of = |user: &str| grants.iter().find(|grant| grant.user == format!("{user}@hub.example")).unwrap();
    assert_eq!(of("ana").until, (START + Duration::days(730)).unix_timestamp(), "the end of the project");
    assert_eq!(of("bob").until, (START + Duration::days(365)).unix_timestamp(), "a year");
    assert_eq!((of("ana").project.as_str(), of("ana").reason.as_str()), ("study", "tried"));
    assert!(hub.audit().contains(r#""project":"study","reason":"tried""#));
}

#[tokio::test]
async fn a_project_that_is_closed_is_in_no_token() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let (sara, ana) = (hub.person("sara"), hub.person("ana"));
    sara.grant("ana", "site-researcher", "north").await.unwrap();
    ana.token().await.unwrap();
    let projects = async || {
        let reply = ana.auth().list_projects(ListProjectsRequest {}).await.unwrap().into_inner();
        reply.projects.into_iter().map(|project| (project.id, project.closed_at)).collect::<Vec<_>>()
    };
    assert_eq!(projects().await, [("study".to_owned(), 0)]);
    hub.stores.projects.close(&Project::new("study").unwrap(), hub.clock.now()).await.unwrap();
    assert_eq!(projects().await, [("study".to_owned(), START.unix_timestamp())]);
    refused(ana.token().await, Code::PermissionDenied, "no role in this network");
    refused(sara.grant("bob", "site-researcher", "north").await, Code::NotFound, NONE);

    let other = GrantRequest { project: "protocol 7".to_owned(), ..wanted("ana", "site-researcher", "north") };
    sara.grant_this(other).await.unwrap();
    ana.token().await.unwrap();
}
