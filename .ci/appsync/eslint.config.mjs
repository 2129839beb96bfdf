import appsync from "@aws-appsync/eslint-plugin";

// AppSync runs a part of JavaScript: what it would refuse at a deployment is an error here.
export default [{ files: ["**/*.js"], ...appsync.configs.base }];
